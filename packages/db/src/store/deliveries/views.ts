import type { DeliveryStatus, FrozenSection } from "@paperboy/core";
import type { Connection } from "../connection.ts";
import type { DeliveryKind } from "./claims.ts";

/** A delivery as the operator sees it. */
export interface DeliveryView {
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly edition: string;
  readonly status: DeliveryStatus;
  readonly email: string;
  readonly attempts: number;
  readonly response: string | null;
  readonly plannedAt: Date;
  readonly submittedAt: Date | null;
}

/** The frozen content of one edition. */
export interface DigestView {
  readonly id: string;
  readonly edition: string;
  readonly sections: FrozenSection[];
  readonly notes: string[];
  readonly subscriptionId: string;
}

/** What there is to see of deliveries and of what they carry. */
export function deliveryViews({ query }: Connection) {
  return {
    /** Ids of deliveries that could be claimed now, oldest first: work the queue may have lost. */
    claimable: async (now: Date, limit: number): Promise<string[]> => {
      const rows = await query<{ id: string }>(
        `SELECT id FROM deliveries
         WHERE open_at IS NOT NULL AND (status = 'pending' OR (status = 'deferred' AND next_attempt_at <= $1))
         ORDER BY kind DESC, open_at, id LIMIT $2`,
        [now, limit],
      );
      return rows.map((row) => row.id);
    },

    /** Ids of deliveries that are open: to be claimed now, or in some worker's hands. */
    open: async (now: Date): Promise<string[]> => {
      const rows = await query<{ id: string }>(
        "SELECT id FROM deliveries WHERE open_at IS NOT NULL AND (status <> 'deferred' OR next_attempt_at <= $1)",
        [now],
      );
      return rows.map((row) => row.id);
    },

    /** How many deliveries of a kind are in each state; of the given ids only, when given. */
    counts: async (
      kind: DeliveryKind,
      ids?: readonly string[],
    ): Promise<Partial<Record<DeliveryStatus, number>>> => {
      const rows = await query<{ status: DeliveryStatus; n: number }>(
        `SELECT status, count(*)::int AS n FROM deliveries
         WHERE kind = $1::delivery_kind AND ($2::uuid[] IS NULL OR id = ANY($2)) GROUP BY status`,
        [kind, ids ?? null],
      );
      return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    },

    /** The frozen content of a digest, for the view in the browser; null when it is no longer kept. */
    findDigest: async (id: string): Promise<DigestView | null> => {
      const [row] = await query<DigestView>(
        `SELECT id, edition, sections, notes, subscription_id AS "subscriptionId" FROM digests WHERE id = $1`,
        [id],
      );
      return row ?? null;
    },

    /** The newest deliveries, of one state or of all. */
    list: (options: {
      readonly status?: DeliveryStatus | undefined;
      readonly limit: number;
    }): Promise<DeliveryView[]> =>
      query<DeliveryView>(
        `SELECT d.id, d.kind, d.edition, d.status, r.email, d.fence AS attempts, d.response, d.planned_at AS "plannedAt",
           d.submitted_at AS "submittedAt"
         FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id JOIN subscribers r ON r.id = s.subscriber_id
         WHERE $1::delivery_status IS NULL OR d.status = $1 ORDER BY d.planned_at DESC, d.id LIMIT $2`,
        [options.status ?? null, options.limit],
      ),
  };
}
