import { MAY_HAVE_GONE_OUT, mailboxKey, NEVER_SENT, redact } from "@paperboy/core";
import type { AddressHashes } from "./address-hash.ts";
import type { Connection, Query } from "./connection.ts";
import { ENDED } from "./orders.ts";
import { statement } from "./statement.ts";
import { addressOfReader } from "./subscribers.ts";
import { suppress } from "./suppressions.ts";

/** What came back of one delivery. */
export interface BounceOf {
  readonly deliveryId: string;
  readonly kind: "hard" | "soft" | "complaint";
  readonly status: string | null;
  readonly reason: string;
}

/**
 * At this sum an address is given up. A soft bounce counts 1 on its day and half as much after three weeks: three at
 * once, four days in a row and five weeks in a row are too many, one each month is not.
 */
const SOFT_LIMIT = 3;
const SOFT_HALF_LIFE_DAYS = 21;

const DELIVERY_OF_BOUNCE = statement<{ id: string }>(
  "bounces.deliveryOfBounce",
  { id: "text" },
  `SELECT DISTINCT ON (s.id) d.id
         FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id JOIN subscribers r ON r.id = s.subscriber_id
         WHERE r.address_key = ANY($1) AND d.status = ANY($4::delivery_status[]) AND d.planned_at >= $2
         ORDER BY s.id, ($3::timestamptz IS NULL OR d.planned_at <= $3::timestamptz + interval '10 minutes') DESC,
           d.planned_at DESC, d.id`,
);

/** What bounces, complaints and mails that ask to unsubscribe do, each once. */
export function bounceStore({ query, transaction, hashes }: Connection) {
  return {
    /**
     * Records what came back and acts on it: hard suppresses the address, a complaint unsubscribes the reader as well,
     * soft ones add up. The same again, and a delivery that is not known, change nothing.
     *
     * @returns whether anything was recorded.
     */
    record: async (bounce: BounceOf, now: Date): Promise<boolean> => {
      // Of a storm of copies, all but one end here: no transaction, no lock.
      const { deliveryId, kind } = bounce;
      const known = await query("SELECT FROM bounces WHERE delivery_id = $1 AND kind = $2", [
        deliveryId,
        kind,
      ]);
      return known.length === 0 && transaction((inside) => recordFirst(inside, hashes, bounce, now));
    },

    /**
     * The mail that a service tells of by its address only: for each reader the newest that went out, of those before
     * `about` when it is said.
     *
     * @param since mails planned before are not considered.
     */
    newestTo: async (addresses: readonly string[], since: Date, about: Date | null): Promise<string[]> => {
      const keys = addresses.flatMap((address) => [address.toLowerCase(), mailboxKey(address)]);
      const rows = await query(DELIVERY_OF_BOUNCE, [keys, since, about, MAY_HAVE_GONE_OUT]);
      return rows.map(({ id }) => id);
    },

    /**
     * Stops a subscription as a mail asked that came at `asked`. What was confirmed after that stays: the same mail read
     * again must not undo a newer wish.
     *
     * @returns whether anything changed.
     */
    stop: async (subscriptionId: string, asked: Date | null, now: Date): Promise<boolean> => {
      const rows = await query(
        `UPDATE subscriptions s SET ${ENDED}
         WHERE id = $1 AND status <> 'unsubscribed' AND NOT EXISTS (
           SELECT FROM subscription_requests q WHERE q.subscription_id = s.id AND q.confirmed_at > $3
         ) RETURNING id`,
        [subscriptionId, now, asked],
      );
      return rows.length > 0;
    },
  };
}

const RECORD_FIRST = statement<{ subscriptionId: string }>(
  "bounces.recordFirst",
  { subscriptionId: "text!" },
  `INSERT INTO bounces (delivery_id, kind, status, reason, received_at)
     SELECT id, $2, $3, $4, $5 FROM deliveries WHERE id = $1 AND status <> ALL($6::delivery_status[])
     ON CONFLICT (delivery_id, kind) DO NOTHING
     RETURNING (SELECT d.subscription_id FROM deliveries d WHERE d.id = delivery_id) AS "subscriptionId"`,
);

async function recordFirst(
  query: Query,
  hashes: AddressHashes,
  { deliveryId, kind, status, reason }: BounceOf,
  now: Date,
): Promise<boolean> {
  const [row] = await query(RECORD_FIRST, [
    deliveryId,
    kind,
    status,
    redact(reason).slice(0, 500),
    now,
    NEVER_SENT,
  ]);
  if (row === undefined) return false;
  const { subscriptionId } = row;
  if (kind === "complaint") {
    await query(`UPDATE subscriptions SET ${ENDED} WHERE id = $1`, [subscriptionId, now]);
  }
  if (kind !== "soft" || (await isWornOut(query, subscriptionId, now))) {
    const why = kind === "complaint" ? "complaint" : "bounce";
    await suppress(
      query,
      hashes,
      await addressOfReader(query, subscriptionId),
      why,
      reason.slice(0, 500),
      now,
    );
  }
  return true;
}

const IS_WORN_OUT = statement<{ score: number }>(
  "bounces.isWornOut",
  { score: "float!" },
  `SELECT sum(power(0.5, greatest(floor(extract(epoch FROM $2 - b.received_at) / 86400), 0) / $3))::float AS score
     FROM bounces b JOIN deliveries d ON d.id = b.delivery_id WHERE b.kind = 'soft' AND d.subscription_id = $1`,
);

/** Locks the subscription, so that of several bounces at once the last one sees all of them. */
async function isWornOut(query: Query, subscriptionId: string, now: Date): Promise<boolean> {
  await query("SELECT FROM subscriptions WHERE id = $1 FOR UPDATE", [subscriptionId]);
  const [row] = await query(IS_WORN_OUT, [subscriptionId, now, SOFT_HALF_LIFE_DAYS]);
  return (row?.score ?? 0) >= SOFT_LIMIT;
}
