import { DELIVERY_EVENTS, type DeliveryEvent, redact } from "@paperboy/core";
import type { Connection } from "../connection.ts";
import { statement } from "../statement.ts";
import type { Claim } from "./claims.ts";

/** How an attempt ended, as the row records it. */
export type DeliveryResult =
  | { readonly event: "accept"; readonly response: string; readonly messageId: string }
  | { readonly event: "refuse" | "lose" | "suppress" | "lapse"; readonly response: string }
  | {
      readonly event: "defer";
      readonly response: string;
      readonly nextAttemptAt: Date;
      /** True when this attempt may have gone out all the same. */
      readonly uncertain?: boolean;
    };

/** What the holder of a claim has to say of it: that the final dot is about to be sent, or how the attempt ended. */
export type DeliveryWrite = Claim & (DeliveryResult | { readonly event: "dot" });

/** What workers write while they send. */
export function writeStore({ prepared }: Connection) {
  return {
    /**
     * Writes marks and ends of many deliveries in one statement; committed when this resolves. What a stale worker says of a
     * claim that was taken from it changes nothing.
     *
     * @param writes no delivery twice.
     * @returns the ids that changed; a claim that is not among them has lost its lease, and its dot must not be sent.
     */
    write: async (
      writes: readonly DeliveryWrite[],
      { now, leaseSeconds }: { readonly now: Date; readonly leaseSeconds: number },
    ): Promise<Set<string>> => {
      const columns = [
        writes.map(({ id }) => id),
        writes.map(({ fence }) => fence),
        writes.map(({ event }) => `{${DELIVERY_EVENTS[event].from.join()}}`),
        writes.map(({ event }) => DELIVERY_EVENTS[event].to),
        writes.map((write) => ("response" in write ? redact(write.response) : null)),
        writes.map((write) => ("messageId" in write ? write.messageId : null)),
        writes.map((write) => ("nextAttemptAt" in write ? write.nextAttemptAt : null)),
        writes.map((write) => "uncertain" in write && write.uncertain === true),
      ];
      const params = [...columns, now, leaseSeconds];
      // A mail that goes well is one row that changes, and nothing else is written for it.
      const again = writes.flatMap(({ id, event }) => (KEPT.includes(event) ? { id, event } : []));
      const rows =
        again.length === 0
          ? await prepared(WRITE, params)
          : await prepared(WRITE_AND_KEEP, [
              ...params,
              again.map(({ id }) => id),
              again.map(({ event }) => event),
            ]);
      return new Set(rows.map(({ id }) => id));
    },
  };
}

/** Ends of attempts that are not the end of the mail: the next one's answer takes their place in the row. */
const KEPT: readonly DeliveryEvent[] = ["defer", "lose"];

/** A mark changes nothing that decides the row's place among open deliveries, so that the row stays in its page. */
const WRITE = statement<{ id: string }>(
  "deliveries.write",
  { id: "text" },
  `UPDATE deliveries d SET status = w.to_status, updated_at = $9,
    lease_expires_at = CASE WHEN w.to_status = 'dotted' THEN now() + make_interval(secs => $10) END,
    next_attempt_at = CASE WHEN w.to_status = 'dotted' THEN d.next_attempt_at ELSE w.next_attempt_at END,
    response = coalesce(w.response, d.response), message_id = coalesce(w.message_id, d.message_id),
    submitted_at = CASE WHEN w.to_status = 'submitted' THEN $9::timestamptz END,
    attempts = d.attempts + (w.to_status = 'deferred')::int, uncertain = d.uncertain OR w.uncertain
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::delivery_status[], $5::text[], $6::text[], $7::timestamptz[], $8::bool[])
    AS w(id, fence, from_statuses, to_status, response, message_id, next_attempt_at, uncertain)
  WHERE d.id = w.id AND d.fence = w.fence AND d.status = ANY(w.from_statuses::delivery_status[]) RETURNING d.id`,
);

const WRITE_AND_KEEP = statement<{ id: string }>(
  "deliveries.writeAndKeep",
  { id: "text" },
  `WITH written AS (${WRITE.sql}, d.fence, d.response), kept AS (
    INSERT INTO delivery_events (delivery_id, event, fence, response, at)
    SELECT w.id, k.event, w.fence, w.response, $9::timestamptz
    FROM written w JOIN unnest($11::uuid[], $12::text[]) AS k(id, event) ON k.id = w.id
  ) SELECT id FROM written`,
);
