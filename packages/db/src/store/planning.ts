import {
  type Cadence,
  DELIVERY_EVENTS,
  type FrozenSection,
  nextEdition,
  type TopicOrder,
} from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";

/** A subscription whose edition is due, locked by the planner that reads it. */
export interface DueSubscription {
  readonly id: string;
  readonly topics: readonly (TopicOrder & { readonly id: string })[];
  readonly trending: boolean;
  readonly replacements: boolean;
  /** Whether an edition without papers comes as a note. */
  readonly noteWhenEmpty: boolean;
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
  /** Papers of earlier editions that did not go out in time, and that no other has brought since. */
  readonly owed: readonly number[];
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
  /** Why it is skipped; null when it is not. */
  readonly reason?: string | null;
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

/** Editions that did not go out are made good for this long. */
const OWED_DAYS = 30;

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
    const claimed = await claimDue(query, page);
    if (claimed.length === 0) return { due: 0, pending: [], skipped: 0 };
    await supersede(query, claimed);
    const due = await withHistory(query, claimed, page);
    const editions = decide(due);
    const inserted = await insertDeliveries(query, editions, page.now);
    await moveOn(query, editions, new Set(inserted.map((row) => row.subscription_id)));
    const pending = inserted.filter((row) => row.status === "pending").map((row) => row.id);
    return { due: due.length, pending, skipped: inserted.length - pending.length };
  });
}

type ClaimedSubscription = Omit<DueSubscription, "seen" | "owed" | "consideredUpTo">;

function claimDue(query: Query, page: { now: Date; limit: number }): Promise<ClaimedSubscription[]> {
  return query<ClaimedSubscription>(
    `WITH due AS (
       SELECT * FROM subscriptions WHERE status = 'active' AND next_due_at <= $1
       ORDER BY next_due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
     )
     SELECT id, trending, replacements, note_when_empty AS "noteWhenEmpty", revision_watermark AS "revisionWatermark", cadence,
       weekday, local_minute AS "localMinute", timezone, max_papers AS "maxPapers", watermark,
       next_due_at AS "nextDueAt", next_date::text AS "nextDate",
       (SELECT coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, 'query', t.query) ORDER BY t.position), '[]')
        FROM topics t WHERE t.subscription_id = due.id) AS topics
     FROM due`,
    [page.now, page.limit],
  );
}

/**
 * Ends what has not gone out of earlier editions: their papers come with the one that is planned now. A mail of which an
 * attempt may have gone out is left alone.
 */
async function supersede(query: Query, due: readonly ClaimedSubscription[]): Promise<void> {
  const { from, to } = DELIVERY_EVENTS.supersede;
  await query(
    `UPDATE deliveries d SET status = $4::delivery_status, updated_at = now(), next_attempt_at = NULL,
       response = concat_ws(': ', 'not sent in time, its papers come with the next edition', d.response)
     FROM unnest($1::uuid[], $2::text[]) AS due(id, next_date)
     WHERE d.subscription_id = due.id AND d.kind = 'digest' AND d.edition < due.next_date
       AND d.status = ANY($3::delivery_status[]) AND NOT d.uncertain`,
    [due.map(({ id }) => id), due.map(({ nextDate }) => nextDate), from, to],
  );
}

/** Adds what earlier editions brought, and what they owe. */
async function withHistory(
  query: Query,
  due: readonly ClaimedSubscription[],
  page: { now: Date; seenFromSeq: number },
): Promise<DueSubscription[]> {
  const rows = await query<Pick<DueSubscription, "id" | "seen" | "owed" | "consideredUpTo">>(
    `SELECT due.id,
       greatest(due.watermark, (SELECT max(g.to_seq) FROM digests g WHERE g.subscription_id = due.id)) AS "consideredUpTo",
       (SELECT coalesce(json_agg(coalesce(p.merged_into, paper_id)), '[]')
        FROM digests g LEFT JOIN deliveries d ON d.id = g.id, unnest(g.paper_ids) AS paper_id LEFT JOIN papers p ON p.id = paper_id
        WHERE g.subscription_id = due.id AND d.status IS DISTINCT FROM 'skipped'
          AND g.to_seq >= CASE WHEN due.trending THEN least($2, due.watermark + 1) ELSE due.watermark + 1 END) AS seen,
       (SELECT coalesce(json_agg(DISTINCT coalesce(p.merged_into, p.id)), '[]')
        FROM digests g JOIN deliveries d ON d.id = g.id, unnest(g.paper_ids) AS paper_id JOIN papers p ON p.id = paper_id
        WHERE g.subscription_id = due.id AND d.status = 'skipped' AND g.planned_at > $3
          AND NOT EXISTS (
            SELECT FROM digests l LEFT JOIN deliveries c ON c.id = l.id
            WHERE l.subscription_id = due.id AND c.status IS DISTINCT FROM 'skipped'
              AND l.paper_ids && ARRAY[p.id, coalesce(p.merged_into, p.id)])) AS owed
     FROM subscriptions due WHERE due.id = ANY($1)`,
    [due.map(({ id }) => id), page.seenFromSeq, new Date(page.now.getTime() - OWED_DAYS * DAY_MS)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return due.map((each) => ({ ...each, ...(byId.get(each.id) as (typeof rows)[number]) }));
}

const DAY_MS = 24 * 60 * 60 * 1000;

interface InsertedRow {
  readonly id: string;
  readonly subscription_id: string;
  readonly status: "pending" | "skipped";
}

/**
 * Inserts deliveries and what they carry; an edition that is skipped carries nothing. A delivery that exists for the date
 * already stays as it is: one per subscription and local date.
 */
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
    reason: edition.reason ?? null,
  }));
  return query<InsertedRow>(
    `WITH planned AS MATERIALIZED (
       SELECT gen_random_uuid() AS id, r.* FROM jsonb_to_recordset($1) AS r(subscription_id uuid, edition text, status text,
         paper_ids int[], sections jsonb, to_seq int, notes text[], reason text)
     ), inserted AS (
       INSERT INTO deliveries (id, subscription_id, kind, edition, status, response, planned_at)
       SELECT id, subscription_id, 'digest', edition, status::delivery_status, reason, $2 FROM planned
       ON CONFLICT (subscription_id, kind, edition) DO NOTHING RETURNING id, subscription_id, status
     ), frozen AS (
       INSERT INTO digests (id, subscription_id, edition, paper_ids, sections, to_seq, notes, planned_at)
       SELECT p.id, p.subscription_id, p.edition, p.paper_ids, p.sections, p.to_seq, p.notes, $2
       FROM planned p JOIN inserted i ON i.id = p.id WHERE i.status = 'pending'
     )
     SELECT id, subscription_id, status FROM inserted`,
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

/**
 * Puts schedules right after the clock was set back: an edition planned by a clock that ran days ahead must not silence the
 * days in between. The key of a delivery still keeps each local date to one.
 *
 * @returns how many schedules were mended.
 */
export function mendSchedules({ transaction }: Connection, now: Date): Promise<number> {
  return transaction(async (query) => {
    const rows = await query<
      Pick<DueSubscription, "id" | "cadence" | "weekday" | "localMinute" | "timezone">
    >(
      `SELECT id, cadence, weekday, local_minute AS "localMinute", timezone FROM subscriptions
       WHERE status = 'active' AND last_date > ($1 AT TIME ZONE timezone)::date + 1
         AND (paused_until IS NULL OR paused_until <= ($1 AT TIME ZONE timezone)::date) FOR UPDATE`,
      [now],
    );
    const yesterday = new Date(now.getTime() - DAY_MS);
    const mended = rows.map(({ id, ...schedule }) => ({ id, ...nextEdition(schedule, yesterday, null) }));
    await query(
      `UPDATE subscriptions s SET last_date = NULL, next_due_at = m."dueAt", next_date = m.date
       FROM jsonb_to_recordset($1) AS m(id uuid, date date, "dueAt" timestamptz) WHERE s.id = m.id`,
      [JSON.stringify(mended)],
    );
    return rows.length;
  });
}
