import type { Limit } from "@paperboy/core";
import type { Connection, Query, ThrottleKey } from "./connection.ts";
import { statement } from "./statement.ts";

const COUNT_AGAINST = statement<{ count: number }>(
  "throttles.countAgainst",
  { count: "int" },
  `INSERT INTO throttles (key, count, window_ends_at) VALUES ($1, 1, $3)
     ON CONFLICT (key) DO UPDATE SET
       count = CASE WHEN throttles.window_ends_at <= $2 THEN 1 ELSE throttles.count + 1 END,
       window_ends_at = CASE WHEN throttles.window_ends_at <= $2 THEN $3 ELSE throttles.window_ends_at END
     RETURNING count`,
);

/** Counts one more, and says whether it is still within the limit. One row a key, shared by all processes. */
export async function countAgainst(
  query: Query,
  keyOf: ThrottleKey,
  { name, most, windowMs }: Limit,
  who: string,
  now: Date,
): Promise<boolean> {
  const [row] = await query(COUNT_AGAINST, [keyOf(name, who), now, new Date(now.getTime() + windowMs)]);
  return (row?.count ?? 1) <= most;
}

const ACQUIRE_UP_TO = statement<{ taken: number }>(
  "throttles.acquireUpTo",
  { taken: "int!" },
  `WITH known AS (
       INSERT INTO throttles (key, count, window_ends_at) VALUES ($1, 0, $3)
       ON CONFLICT (key) DO UPDATE SET count = CASE WHEN throttles.window_ends_at <= $2 THEN 0 ELSE throttles.count END,
         window_ends_at = CASE WHEN throttles.window_ends_at <= $2 THEN $3 ELSE throttles.window_ends_at END
       RETURNING count
     )
     SELECT greatest(0, least($4, $5 - count))::int AS taken FROM known`,
);

/** Counts up to `want` more, as far as the limit allows; returns how many. */
export async function acquireUpTo(
  query: Query,
  keyOf: ThrottleKey,
  { name, most, windowMs }: Limit,
  who: string,
  want: number,
  now: Date,
): Promise<number> {
  const [row] = await query(ACQUIRE_UP_TO, [
    keyOf(name, who),
    now,
    new Date(now.getTime() + windowMs),
    want,
    most,
  ]);
  const taken = row?.taken ?? 0;
  await query("UPDATE throttles SET count = count + $2 WHERE key = $1", [keyOf(name, who), taken]);
  return taken;
}

export async function forget(query: Query, keyOf: ThrottleKey, name: string, who: string): Promise<void> {
  await query("DELETE FROM throttles WHERE key = $1", [keyOf(name, who)]);
}

export function throttleStore({ query, transaction, throttleKey: keyOf }: Connection) {
  return {
    count: (limit: Limit, who: string, now: Date): Promise<boolean> =>
      countAgainst(query, keyOf, limit, who, now),
    /** Whether the limit has been reached; counts nothing. */
    isReached: async ({ name, most }: Limit, who: string, now: Date): Promise<boolean> => {
      const rows = await query(
        "SELECT FROM throttles WHERE key = $1 AND count >= $2 AND window_ends_at > $3",
        [keyOf(name, who), most, now],
      );
      return rows.length > 0;
    },
    /** Counts up to `want` more at once, as far as the limit allows; returns how many. */
    acquire: (limit: Limit, who: string, want: number, now: Date): Promise<number> =>
      transaction((run) => acquireUpTo(run, keyOf, limit, who, want, now)),
    /** Releases what was counted and not done. */
    release: async ({ name }: Limit, who: string, count: number): Promise<void> => {
      await query("UPDATE throttles SET count = greatest(0, count - $2) WHERE key = $1", [
        keyOf(name, who),
        count,
      ]);
    },
  };
}
