import { DELIVERY_EVENTS, type DeliveryEvent, type UnknownPolicy } from "@paperboy/core";
import type { Connection } from "../connection.ts";

/** What becomes of deliveries whose worker is gone, or whose fate nobody knows. */
export function recoveryStore({ query }: Connection) {
  const endLeases = async (event: DeliveryEvent, dotted: boolean): Promise<number> => {
    const { from, to } = DELIVERY_EVENTS[event];
    const response = dotted ? "the worker ended after the final dot; its answer was not seen" : null;
    const rows = await query(
      andKeep(
        `UPDATE deliveries SET status = $2::delivery_status, lease_expires_at = NULL, updated_at = now(), uncertain = uncertain OR $3,
         response = $4
       WHERE id IN (
         SELECT id FROM deliveries WHERE open_at IS NOT NULL AND status = ANY($1::delivery_status[]) AND lease_expires_at < now()
         FOR UPDATE SKIP LOCKED
       )`,
        { at: "now()" },
      ),
      [from, to, dotted, response, event],
    );
    return rows.length;
  };

  return {
    /**
     * Ends the claims of workers that are gone: what stands before the dot may be sent again; of what stands after it nobody
     * knows, and the policy decides.
     */
    expireLeases: async (policy: UnknownPolicy): Promise<{ pending: number; unknown: number }> => {
      const expired = await endLeases("expire", false);
      const afterDot = await endLeases(policy === "hold" ? "lose" : "resend", true);
      return policy === "hold"
        ? { pending: expired, unknown: afterDot }
        : { pending: expired + afterDot, unknown: 0 };
    },

    /**
     * Settles one `unknown` delivery by an operator's word, or all of them. One that is to be sent again counts as planned now,
     * so that it does not come too late.
     *
     * @returns how many were in that state.
     */
    settle: async (id: string | "all", as: "submitted" | "pending", now: Date): Promise<number> => {
      const event = as === "submitted" ? "settleSent" : "settleRetry";
      const { from, to } = DELIVERY_EVENTS[event];
      const rows = await query(
        andKeep(
          `UPDATE deliveries SET status = $2::delivery_status, uncertain = true, updated_at = now(),
           planned_at = CASE WHEN $2 = 'pending' THEN $3 ELSE planned_at END
         WHERE ($1 = 'all' OR id::text = lower($1)) AND status = ANY($4::delivery_status[])`,
          { at: "$3", response: "NULL" },
        ),
        [id, to, now, from, event],
      );
      return rows.length;
    },

    /**
     * Takes what was planned up to an instant as gone out, as after the restore of a backup that was made before: nothing of it
     * is mailed again.
     *
     * @returns how many were not known to have gone out.
     */
    restoreSent: async (until: Date, now: Date): Promise<number> => {
      const { from, to } = DELIVERY_EVENTS.restoreSent;
      const rows = await query(
        andKeep(
          `UPDATE deliveries SET status = $3::delivery_status, fence = fence + 1, lease_expires_at = NULL, next_attempt_at = NULL,
           updated_at = $2, submitted_at = $1, response = 'taken as sent before the backup was restored'
         WHERE planned_at <= $1 AND status = ANY($4::delivery_status[])`,
          { at: "$2" },
        ),
        [until, now, to, from, "restoreSent"],
      );
      return rows.length;
    },
  };
}

/**
 * Lets a statement that changes deliveries keep what happened to each, by the event that is its fifth parameter.
 *
 * @param kept SQL of the instant, and of what was said; the row's own response when absent.
 */
const andKeep = (update: string, { at, response = "response" }: { at: string; response?: string }): string =>
  `WITH changed AS (${update} RETURNING id, fence, response), kept AS (
    INSERT INTO delivery_events (delivery_id, event, fence, response, at)
    SELECT id, $5::text, fence, ${response}, ${at}::timestamptz FROM changed
  ) SELECT id FROM changed`;
