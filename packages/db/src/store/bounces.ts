import type { Connection, Query } from "./connection.ts";
import { hashAddress } from "./suppressions.ts";

/** What came back of one delivery. */
export interface BounceOf {
  readonly deliveryId: string;
  readonly kind: "hard" | "soft" | "complaint";
  readonly status: string | null;
  readonly reason: string;
}

/** A soft bounce counts half as much after a week; at this sum an address is given up. */
const SOFT_LIMIT = 3;
const SOFT_HALF_LIFE_DAYS = 7;

/** What bounces and complaints do, each once. */
export function bounceStore({ transaction }: Connection) {
  return {
    /**
     * Records what came back and acts on it: hard suppresses the address, a complaint unsubscribes the reader as well,
     * soft ones add up. The same again, and a delivery that is not known, change nothing.
     *
     * @returns whether anything was recorded.
     */
    record: ({ deliveryId, kind, status, reason }: BounceOf, now: Date): Promise<boolean> =>
      transaction(async (query) => {
        const [row] = await query<{ delivery_id: string }>(
          `INSERT INTO bounces (delivery_id, kind, status, reason, received_at)
           SELECT id, $2, $3, $4, $5 FROM deliveries WHERE id = $1 AND status NOT IN ('pending', 'skipped', 'suppressed')
           ON CONFLICT (delivery_id, kind) DO NOTHING RETURNING delivery_id`,
          [deliveryId, kind, status, reason.slice(0, 500), now],
        );
        if (row === undefined) return false;
        if (kind === "complaint") await unsubscribe(query, deliveryId, now);
        if (kind !== "soft" || (await isWornOut(query, deliveryId, now))) {
          await suppress(query, deliveryId, kind === "complaint" ? "complaint" : "bounce", reason, now);
        }
        return true;
      }),
  };
}

async function unsubscribe(query: Query, deliveryId: string, now: Date): Promise<void> {
  await query(
    `UPDATE subscriptions SET status = 'unsubscribed', next_due_at = NULL, next_date = NULL,
       unsubscribed_at = coalesce(unsubscribed_at, $2)
     WHERE id = (SELECT subscription_id FROM deliveries WHERE id = $1)`,
    [deliveryId, now],
  );
}

async function isWornOut(query: Query, deliveryId: string, now: Date): Promise<boolean> {
  const [row] = await query<{ score: number }>(
    `SELECT sum(power(0.5, extract(epoch FROM $2 - b.received_at) / 86400 / $3))::float AS score
     FROM bounces b JOIN deliveries d ON d.id = b.delivery_id
     WHERE b.kind = 'soft' AND d.subscription_id = (SELECT subscription_id FROM deliveries WHERE id = $1)`,
    [deliveryId, now, SOFT_HALF_LIFE_DAYS],
  );
  return (row?.score ?? 0) >= SOFT_LIMIT;
}

async function suppress(
  query: Query,
  deliveryId: string,
  reason: string,
  detail: string,
  now: Date,
): Promise<void> {
  const [reader] = await query<{ key: string }>(
    `SELECT r.address_key AS key FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id
     JOIN subscribers r ON r.id = s.subscriber_id WHERE d.id = $1`,
    [deliveryId],
  );
  if (reader === undefined) return;
  await query(
    "INSERT INTO suppressions (address_hash, reason, detail, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    [hashAddress(reader.key), reason, detail.slice(0, 500), now],
  );
}
