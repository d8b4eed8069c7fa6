import { DAY_MS, DELIVERY_EVENTS, nextEdition } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import type { ClaimedSubscription, DueSubscription, PlannedEdition } from "./due-subscription.ts";
import { moveOn, writeEditions } from "./planned-editions.ts";
import { withHistory } from "./reader-history.ts";
import { statement } from "./statement.ts";

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
    await supersede(query, claimed, page.now);
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

const CLAIM_DUE = statement<ClaimedSubscription>(
  "planning.claimDue",
  {
    id: "text",
    trending: "bool",
    forYou: "bool",
    replacements: "bool",
    noteWhenEmpty: "bool",
    revisionWatermark: "int",
    cadence: "text",
    weekday: "int",
    localMinute: "int",
    timezone: "text",
    maxPapers: "int",
    watermark: "int",
    nextDueAt: "instant!",
    nextDate: "text!",
    topics: "json!",
  },
  `WITH due AS (
       SELECT * FROM subscriptions WHERE status = 'active' AND next_due_at <= $1
       ORDER BY next_due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
     )
     SELECT id, trending, for_you AS "forYou", replacements, note_when_empty AS "noteWhenEmpty", revision_watermark AS "revisionWatermark", cadence,
       weekday, local_minute AS "localMinute", timezone, max_papers AS "maxPapers", watermark,
       next_due_at AS "nextDueAt", next_date::text AS "nextDate",
       (SELECT coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, 'query', t.query) ORDER BY t.position), '[]')
        FROM topics t WHERE t.subscription_id = due.id) AS topics
     FROM due`,
);

function claimDue(query: Query, page: { now: Date; limit: number }): Promise<ClaimedSubscription[]> {
  return query(CLAIM_DUE, [page.now, page.limit]);
}

/**
 * Ends what has not gone out of earlier editions: their papers come with the one that is planned now. A mail of which an
 * attempt may have gone out is left alone.
 */
async function supersede(query: Query, due: readonly ClaimedSubscription[], now: Date): Promise<void> {
  const { from, to } = DELIVERY_EVENTS.supersede;
  // A row at a time by its key: a join is planned by statistics from before the morning, and reads all that has been planned.
  // Status and mark are asked once more, for a row that a sender changes meanwhile.
  await query(
    `WITH changed AS (
       UPDATE deliveries SET status = $4::delivery_status, updated_at = now(), next_attempt_at = NULL,
         response = concat_ws(': ', 'not sent in time, its papers come with the next edition', response)
       WHERE id = ANY (ARRAY(
         SELECT open.id FROM unnest($1::uuid[], $2::text[]) AS due(id, next_date)
         CROSS JOIN LATERAL (
           SELECT d.id FROM deliveries d
           WHERE d.subscription_id = due.id AND d.kind = 'digest' AND d.edition < due.next_date
             AND d.status = ANY($3::delivery_status[]) AND NOT d.uncertain OFFSET 0
         ) AS open))
         AND status = ANY($3::delivery_status[]) AND NOT uncertain RETURNING id, fence, response
     )
     INSERT INTO delivery_events (delivery_id, event, fence, response, at)
     SELECT id, 'supersede', fence, response, $5::timestamptz FROM changed`,
    [due.map(({ id }) => id), due.map(({ nextDate }) => nextDate), from, to, now],
  );
}

const REPAIR_SCHEDULES = statement<
  Pick<DueSubscription, "id" | "cadence" | "weekday" | "localMinute" | "timezone">
>(
  "planning.repairSchedules",
  { id: "text", cadence: "text", weekday: "int", localMinute: "int", timezone: "text" },
  `SELECT id, cadence, weekday, local_minute AS "localMinute", timezone FROM subscriptions
       WHERE status = 'active' AND last_date > ($1 AT TIME ZONE timezone)::date + 1
         AND (paused_until IS NULL OR paused_until <= ($1 AT TIME ZONE timezone)::date) FOR UPDATE`,
);

/**
 * Puts schedules right after the clock was set back: an edition planned by a clock that ran days ahead must not silence the
 * days in between. The key of a delivery still keeps each local date to one.
 *
 * @returns how many schedules were repaired.
 */
export function repairSchedules({ transaction }: Connection, now: Date): Promise<number> {
  return transaction(async (query) => {
    const rows = await query(REPAIR_SCHEDULES, [now]);
    const yesterday = new Date(now.getTime() - DAY_MS);
    const repaired = rows.map(({ id, ...schedule }) => ({ id, ...nextEdition(schedule, yesterday, null) }));
    await query(
      `UPDATE subscriptions s SET last_date = NULL, next_due_at = m."dueAt", next_date = m.date
       FROM jsonb_to_recordset($1) AS m(id uuid, date date, "dueAt" timestamptz) WHERE s.id = m.id`,
      [JSON.stringify(repaired)],
    );
    return rows.length;
  });
}
