import type { Cadence, FrozenSection, TopicOrder } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";

/** A subscription whose edition is due, locked by the planner that reads it. */
export interface DueSubscription {
  readonly id: string;
  readonly topics: readonly (TopicOrder & { readonly id: string })[];
  readonly trending: boolean;
  readonly replacements: boolean;
  /** Revisions up to this id stood before an earlier edition. */
  readonly revisionWatermark: number;
  readonly cadence: Cadence;
  readonly weekday: number;
  readonly localMinute: number;
  readonly timezone: string;
  readonly maxPapers: number;
  /** Papers up to this seq are settled: the reader has had them, or will not. */
  readonly watermark: number;
  /** Papers up to this seq stood before an earlier edition, which may have had no room for them. */
  readonly consideredUpTo: number;
  readonly nextDueAt: Date;
  /** Local date of the oldest edition not planned yet, ISO 8601. */
  readonly nextDate: string;
  /** Papers earlier editions brought, back to the watermark and to the seq the planner asked for. */
  readonly seen: readonly number[];
}

/** What the planner decided for one due subscription. */
export interface PlannedEdition {
  readonly subscriptionId: string;
  readonly date: string;
  readonly status: "pending" | "skipped";
  readonly paperIds: readonly number[];
  readonly sections: readonly FrozenSection[];
  /** The newest seq this edition considered. */
  readonly toSeq: number;
  /** The newest revision this edition considered. */
  readonly revisionWatermark?: number;
  /** Lines for the footer. */
  readonly notes?: readonly string[];
  /** The watermark after this edition: below `toSeq` when matches are left for the next one. */
  readonly watermark: number;
  readonly nextDueAt: Date;
  readonly nextDate: string;
}

export interface PlannedPage {
  /** Subscriptions looked at; 0 when nothing is due. */
  readonly due: number;
  /** Deliveries to send. */
  readonly pending: readonly string[];
  readonly skipped: number;
}

/**
 * Plans the editions of one page of due subscriptions in one transaction: locks them past those another
 * planner holds, lets `decide` say what each gets, inserts the deliveries, moves watermarks and due times.
 *
 * @param seenFromSeq editions that reach this seq or beyond tell which trending papers a reader has had.
 */
export function planPage(
  connection: Connection,
  page: { readonly now: Date; readonly limit: number; readonly seenFromSeq: number },
  decide: (due: readonly DueSubscription[]) => readonly PlannedEdition[],
): Promise<PlannedPage> {
  return connection.transaction(async (query) => {
    const due = await claimDue(query, page);
    if (due.length === 0) return { due: 0, pending: [], skipped: 0 };
    const editions = decide(due);
    const inserted = await insertDeliveries(query, editions, page.now);
    await moveOn(query, editions, new Set(inserted.map((row) => row.subscription_id)));
    const pending = inserted.filter((row) => row.status === "pending").map((row) => row.id);
    return { due: due.length, pending, skipped: inserted.length - pending.length };
  });
}

async function claimDue(query: Query, page: { now: Date; limit: number; seenFromSeq: number }) {
  return query<DueSubscription>(
    `WITH due AS (
       SELECT * FROM subscriptions WHERE status = 'active' AND next_due_at <= $1
       ORDER BY next_due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
     )
     SELECT id, trending, replacements, revision_watermark AS "revisionWatermark", cadence, weekday, local_minute AS "localMinute", timezone, max_papers AS "maxPapers", watermark,
       next_due_at AS "nextDueAt", next_date::text AS "nextDate",
       (SELECT coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, 'query', t.query) ORDER BY t.position), '[]')
        FROM topics t WHERE t.subscription_id = due.id) AS topics,
       greatest(watermark, (SELECT max(d.to_seq) FROM deliveries d
        WHERE d.subscription_id = due.id AND d.kind = 'digest')) AS "consideredUpTo",
       (SELECT coalesce(json_agg(coalesce(p.merged_into, paper_id)), '[]')
        FROM deliveries d, unnest(d.paper_ids) AS paper_id LEFT JOIN papers p ON p.id = paper_id
        WHERE d.subscription_id = due.id AND d.kind = 'digest'
          AND d.to_seq >= CASE WHEN due.trending THEN least($3, watermark + 1) ELSE watermark + 1 END) AS seen
     FROM due`,
    [page.now, page.limit, page.seenFromSeq],
  );
}

interface InsertedRow {
  readonly id: string;
  readonly subscription_id: string;
  readonly status: "pending" | "skipped";
}

/** A delivery that exists for the date already stays as it is: one per subscription and local date. */
async function insertDeliveries(
  query: Query,
  editions: readonly PlannedEdition[],
  now: Date,
): Promise<InsertedRow[]> {
  const rows = editions.map((edition) => ({
    subscription_id: edition.subscriptionId,
    edition: edition.date,
    status: edition.status,
    paper_ids: edition.paperIds,
    sections: edition.sections,
    to_seq: edition.toSeq,
    notes: edition.notes ?? [],
  }));
  return query<InsertedRow>(
    `INSERT INTO deliveries (subscription_id, kind, edition, status, paper_ids, sections, to_seq, notes, planned_at)
     SELECT subscription_id, 'digest', edition, status::delivery_status, paper_ids, sections, to_seq, notes, $2
     FROM jsonb_to_recordset($1) AS r(subscription_id uuid, edition text, status text, paper_ids int[], sections jsonb, to_seq int, notes text[])
     ON CONFLICT (subscription_id, kind, edition) DO NOTHING RETURNING id, subscription_id, status`,
    [JSON.stringify(rows), now],
  );
}

/** Only an edition that was really planned moves the watermark: nothing is skipped when it was not. */
async function moveOn(
  query: Query,
  editions: readonly PlannedEdition[],
  planned: ReadonlySet<string>,
): Promise<void> {
  const rows = editions.map((edition) => ({
    id: edition.subscriptionId,
    date: edition.date,
    watermark: planned.has(edition.subscriptionId) ? edition.watermark : 0,
    revisions: planned.has(edition.subscriptionId) ? (edition.revisionWatermark ?? 0) : 0,
    next_due_at: edition.nextDueAt.toISOString(),
    next_date: edition.nextDate,
  }));
  await query(
    `UPDATE subscriptions s SET watermark = greatest(s.watermark, r.watermark),
       revision_watermark = greatest(s.revision_watermark, r.revisions), last_date = greatest(s.last_date, r.date),
       next_due_at = r.next_due_at, next_date = r.next_date
     FROM jsonb_to_recordset($1) AS r(id uuid, date date, watermark int, revisions int, next_due_at timestamptz, next_date date)
     WHERE s.id = r.id`,
    [JSON.stringify(rows)],
  );
}
