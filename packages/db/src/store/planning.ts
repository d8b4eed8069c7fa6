import {
  type Cadence,
  DELIVERY_EVENTS,
  type FrozenSection,
  nextEdition,
  type TopicOrder,
} from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { moveOn, writeEditions } from "./planned-editions.ts";
import { withHistory } from "./reader-history.ts";

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

/** Says what each subscription of a page gets. */
export type DecideEditions = (
  due: readonly DueSubscription[],
) => readonly PlannedEdition[] | Promise<readonly PlannedEdition[]>;

/**
 * Plans the editions of one page of due subscriptions in one transaction: locks them past those another
 * planner holds, lets `decide` say what each gets, inserts the deliveries, moves watermarks and due times.
 *
 * @param seenFromSeq editions that reach this seq or beyond tell which trending papers a reader has had.
 */
export function planPage(
  connection: Connection,
  page: { readonly now: Date; readonly limit: number; readonly seenFromSeq: number },
  decide: DecideEditions,
): Promise<PlannedPage> {
  return connection.transaction(async (query, copy) => {
    await query(BY_KEYS);
    const claimed = await claimDue(query, page);
    if (claimed.length === 0) return { due: 0, pending: [], skipped: 0 };
    await supersede(query, claimed);
    const editions = await decide(await withHistory(query, claimed, page));
    const written = await writeEditions(query, copy, editions, page.now, connection.deliveryId);
    await moveOn(query, editions, new Set(written.map(({ edition }) => edition.subscriptionId)));
    const pending = written.filter(({ edition }) => edition.status === "pending").map(({ id }) => id);
    return { due: claimed.length, pending, skipped: written.length - pending.length };
  });
}

/**
 * All statements here find some hundred readers' rows by their keys, in tables that grow while they run: statistics would
 * have them read whole tables, and compile what runs for milliseconds (measured: 3 s a page of 500).
 */
const BY_KEYS = "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)";

export type ClaimedSubscription = Omit<DueSubscription, "seen" | "owed" | "consideredUpTo">;

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

const DAY_MS = 24 * 60 * 60 * 1000;

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
