import { DAY_MS, nextEdition, type SubscriptionOrder, type TopicOrder } from "@paperboy/core";
import type { SubscriptionStatus } from "../generated/enums.ts";
import type { Query } from "./connection.ts";
import { type Columns, statement } from "./statement.ts";

/** A new reader's first digest looks this far back, so that it is worth reading. */
const FIRST_DIGEST_LOOKS_BACK_MS = 7 * DAY_MS;

const APPLY_ORDER = statement<{ status: SubscriptionStatus; last_date: string | null }>(
  "orders.applyOrder",
  { status: "text", last_date: "text?" },
  `UPDATE subscriptions SET trending = $2, cadence = $3::cadence, weekday = $4, local_minute = $5, timezone = $6,
       max_papers = $7, replacements = $8, note_when_empty = $9, for_you = $10 WHERE id = $1
     RETURNING status, greatest(last_date, paused_until - 1)::text AS last_date`,
);

/** Replaces the order of a subscription, and its schedule when it is active. */
export async function applyOrder(
  query: Query,
  id: string,
  order: SubscriptionOrder,
  now: Date,
): Promise<void> {
  const [row] = await query(APPLY_ORDER, [
    id,
    order.trending,
    order.cadence,
    order.weekday,
    order.localMinute,
    order.timezone,
    order.maxPapers,
    order.replacements ?? false,
    order.noteWhenEmpty ?? false,
    order.forYou ?? false,
  ]);
  if (row === undefined) throw new Error(`there is no subscription ${id}`);
  await query("DELETE FROM topics WHERE subscription_id = $1", [id]);
  await query(
    `INSERT INTO topics (subscription_id, position, name, query)
     SELECT $1, ordinality, name, query
     FROM ROWS FROM (jsonb_to_recordset($2) AS (name text, query text)) WITH ORDINALITY`,
    [id, JSON.stringify(order.topics)],
  );
  if (row.status === "active") await schedule(query, id, order, now, row.last_date);
}

const LOCK_ORDER = statement<Omit<SubscriptionOrder, "topics"> & { status: SubscriptionStatus }>(
  "orders.lockOrder",
  {
    status: "text",
    trending: "bool",
    forYou: "bool",
    replacements: "bool",
    noteWhenEmpty: "bool",
    cadence: "text",
    weekday: "int",
    localMinute: "int",
    timezone: "text",
    maxPapers: "int",
  },
  `SELECT status, trending, for_you AS "forYou", replacements, note_when_empty AS "noteWhenEmpty", cadence, weekday,
       local_minute AS "localMinute", timezone, max_papers AS "maxPapers"
     FROM subscriptions WHERE id = $1 FOR UPDATE`,
);

const TOPICS = statement<TopicOrder>(
  "orders.topics",
  { name: "text", query: "text" },
  "SELECT name, query FROM topics WHERE subscription_id = $1 ORDER BY position",
);

/** The order that stands, locked until the transaction ends; null when there is no such subscription. */
export async function lockOrder(
  query: Query,
  id: string,
): Promise<{ readonly status: SubscriptionStatus; readonly order: SubscriptionOrder } | null> {
  const [row] = await query(LOCK_ORDER, [id]);
  if (row === undefined) return null;
  // Read after the lock is had: a subquery of the statement that waits would see the topics of before.
  const topics = await query(TOPICS, [id]);
  const { status, ...order } = row;
  return { status, order: { ...order, topics } };
}

interface ScheduleRow extends Pick<SubscriptionOrder, "cadence" | "weekday" | "localMinute" | "timezone"> {
  readonly status: SubscriptionStatus;
  /** The date of the newest edition, or the last of a pause. */
  readonly lastDate: string | null;
}

const SCHEDULE_ROW: Columns<ScheduleRow> = {
  status: "text",
  cadence: "text",
  weekday: "int",
  localMinute: "int",
  timezone: "text",
  lastDate: "text?",
};

const PAUSE_UNTIL = statement<ScheduleRow>(
  "orders.pauseUntil",
  SCHEDULE_ROW,
  `UPDATE subscriptions SET paused_until = $2 WHERE id = $1
     RETURNING status, cadence, weekday, local_minute AS "localMinute", timezone,
       greatest(last_date, paused_until - 1)::text AS "lastDate"`,
);

/** Lets no edition come before a local date; null ends the pause. */
export async function pauseUntil(query: Query, id: string, until: string | null, now: Date): Promise<void> {
  const [row] = await query(PAUSE_UNTIL, [id, until]);
  if (row?.status === "active") await schedule(query, id, row, now, row.lastDate);
}

const ACTIVATE = statement<ScheduleRow>(
  "orders.activate",
  SCHEDULE_ROW,
  `SELECT status, cadence, weekday, local_minute AS "localMinute", timezone,
       greatest(last_date, paused_until - 1)::text AS "lastDate"
     FROM subscriptions WHERE id = $1 FOR UPDATE`,
);

/** Puts a subscription to work. One that never ran starts a week back; one that was stopped starts here. */
export async function activate(query: Query, id: string, now: Date): Promise<void> {
  const [row] = await query(ACTIVATE, [id]);
  if (row === undefined || row.status === "active") return;
  const since = row.status === "pending" ? new Date(now.getTime() - FIRST_DIGEST_LOOKS_BACK_MS) : now;
  await query(
    `UPDATE subscriptions SET status = 'active', confirmed_at = coalesce(confirmed_at, $2), unsubscribed_at = NULL,
       watermark = greatest(watermark, (SELECT coalesce(max(seq), 0) FROM papers WHERE announced_at <= $3))
     WHERE id = $1`,
    [id, now, since],
  );
  await schedule(query, id, row, now, row.lastDate);
}

/** Assignments that end a subscription at `$2`; one that had ended keeps its instant. */
export const ENDED = `status = 'unsubscribed', next_due_at = NULL, next_date = NULL,
  unsubscribed_at = coalesce(unsubscribed_at, $2)`;

/** Says when the next edition of an order is due. */
export async function schedule(
  query: Query,
  id: string,
  order: Pick<SubscriptionOrder, "cadence" | "weekday" | "localMinute" | "timezone">,
  now: Date,
  lastDate: string | null,
): Promise<void> {
  const edition = nextEdition(order, now, lastDate);
  await query("UPDATE subscriptions SET next_due_at = $2, next_date = $3 WHERE id = $1", [
    id,
    edition.dueAt,
    edition.date,
  ]);
}
