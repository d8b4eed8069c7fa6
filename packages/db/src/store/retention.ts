import { DAY_MS, FINAL_STATUSES } from "@paperboy/core";
import type { Connection } from "./connection.ts";

/** For how many days what is kept. */
export interface RetentionDays {
  /** What stood in mails, once they are over. */
  readonly digests: number;
  /** Which mails went out, and what relays answered, once they are over. */
  readonly deliveries: number;
  /** Orders that nobody confirmed, and the addresses that came with them. */
  readonly requests: number;
  /** Readers who left. */
  readonly unsubscribed: number;
  /** Runs of sources, and records that could not be read. */
  readonly runs: number;
}

/** How many rows went. */
export type Forgotten = Readonly<Record<keyof RetentionDays, number>>;

/** What one call forgets at most of each kind: the next one continues. */
const AT_ONCE = 5_000;

/** Forgets what has been kept long enough. Suppressions stay: they are hashes, and a promise. */
export function retentionStore({ query }: Connection) {
  const remove = async (sql: string, days: number, now: Date, ...more: unknown[]): Promise<number> =>
    (await query(sql, [new Date(now.getTime() - days * DAY_MS), AT_ONCE, ...more])).length;
  return {
    forget: async (days: RetentionDays, now: Date): Promise<Forgotten> => {
      await query("DELETE FROM throttles WHERE window_ends_at <= $1", [now]);
      await query("DELETE FROM quarantine WHERE last_seen_at < $1", [
        new Date(now.getTime() - days.runs * DAY_MS),
      ]);
      await query(REMOVED_PAPERS, [new Date(now.getTime() - DAY_MS)]);
      await query("DELETE FROM source_days WHERE day < $1::timestamptz::date", [
        new Date(now.getTime() - days.runs * DAY_MS),
      ]);
      return {
        digests: await remove(OLD_DIGESTS, days.digests, now, FINAL_STATUSES),
        deliveries: await remove(OLD_DELIVERIES, days.deliveries, now, FINAL_STATUSES),
        requests: (await remove(STALE_REQUESTS, days.requests, now)) && (await remove(NOBODY, 0, now)),
        unsubscribed: await remove(GONE_READERS, days.unsubscribed, now),
        runs: await remove(OLD_RUNS, days.runs, now),
      };
    },
  };
}

/** What is still to happen, or to be settled, keeps its row and what it carries. */
const OLD_DIGESTS = `DELETE FROM digests WHERE id IN (
    SELECT id FROM digests g WHERE planned_at < $1
      AND NOT EXISTS (SELECT FROM deliveries d WHERE d.id = g.id AND d.status <> ALL($3::delivery_status[])) LIMIT $2
  ) RETURNING id`;

const OLD_DELIVERIES = `DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries WHERE planned_at < $1 AND status = ANY($3::delivery_status[]) LIMIT $2
  ) RETURNING id`;

/** Papers that were taken away, once every index has let them go. */
const REMOVED_PAPERS = "DELETE FROM papers WHERE merged_into = id AND updated_at < $1";

const STALE_REQUESTS = `DELETE FROM subscription_requests WHERE id IN (
    SELECT id FROM subscription_requests WHERE confirmed_at IS NULL AND created_at < $1 LIMIT $2
  ) RETURNING id`;

/** Addresses that nothing hangs on any more: nobody confirmed, and nobody asks. */
const NOBODY = `DELETE FROM subscribers WHERE id IN (
    SELECT r.id FROM subscribers r JOIN subscriptions s ON s.subscriber_id = r.id
    WHERE s.status = 'pending' AND s.created_at < $1
      AND NOT EXISTS (SELECT FROM subscription_requests q WHERE q.subscription_id = s.id) LIMIT $2
  ) RETURNING id`;

const GONE_READERS = `DELETE FROM subscribers WHERE id IN (
    SELECT subscriber_id FROM subscriptions WHERE status = 'unsubscribed' AND unsubscribed_at < $1 LIMIT $2
  ) RETURNING id`;

const OLD_RUNS = `DELETE FROM source_runs WHERE id IN (SELECT id FROM source_runs WHERE started_at < $1 LIMIT $2) RETURNING id`;
