import type { DeliveryStatus, FrozenSection } from "@paperboy/core";
import type { Connection } from "../connection.ts";
import { statement } from "../statement.ts";
import type { DeliveryKind } from "./delivery-id.ts";

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

const CLAIMABLE_IDS = statement<{ id: string }>(
  "views.claimableIds",
  { id: "text" },
  `SELECT id FROM deliveries
         WHERE open_at IS NOT NULL AND (status = 'pending' OR (status = 'deferred' AND next_attempt_at <= $1))
         ORDER BY kind DESC, open_at, id LIMIT $2`,
);

const OPEN_IDS = statement<{ id: string }>(
  "views.openIds",
  { id: "text" },
  "SELECT id FROM deliveries WHERE open_at IS NOT NULL AND (status <> 'deferred' OR next_attempt_at <= $1)",
);

const COUNTS = statement<{ status: DeliveryStatus; n: number }>(
  "views.counts",
  { status: "text", n: "int!" },
  `SELECT status, count(*)::int AS n FROM deliveries
         WHERE kind = $1::delivery_kind AND ($2::uuid[] IS NULL OR id = ANY($2)) GROUP BY status`,
);

const FIND_DIGEST = statement<DigestView>(
  "views.findDigest",
  { id: "text", edition: "text", sections: "json", notes: "text[]!", subscriptionId: "text" },
  `SELECT id, edition, sections, notes, subscription_id AS "subscriptionId" FROM digests WHERE id = $1`,
);

const LIST = statement<DeliveryView>(
  "views.list",
  {
    id: "text",
    kind: "text",
    edition: "text",
    status: "text",
    email: "text",
    attempts: "int",
    response: "text?",
    plannedAt: "instant",
    submittedAt: "instant?",
  },
  `SELECT d.id, d.kind, d.edition, d.status, r.email, d.fence AS attempts, d.response, d.planned_at AS "plannedAt",
           d.submitted_at AS "submittedAt"
         FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id JOIN subscribers r ON r.id = s.subscriber_id
         WHERE $1::delivery_status IS NULL OR d.status = $1 ORDER BY d.planned_at DESC, d.id LIMIT $2`,
);

/** What there is to see of deliveries and of what they carry. */
export function deliveryViews({ query }: Connection) {
  return {
    /** Ids of deliveries that could be claimed now, oldest first: work the queue may have lost. */
    claimable: async (now: Date, limit: number): Promise<string[]> => {
      const rows = await query(CLAIMABLE_IDS, [now, limit]);
      return rows.map((row) => row.id);
    },

    /** Ids of deliveries that are open: to be claimed now, or in some worker's hands. */
    open: async (now: Date): Promise<string[]> => {
      const rows = await query(OPEN_IDS, [now]);
      return rows.map((row) => row.id);
    },

    /** How many deliveries of a kind are in each state; of the given ids only, when given. */
    counts: async (
      kind: DeliveryKind,
      ids?: readonly string[],
    ): Promise<Partial<Record<DeliveryStatus, number>>> => {
      const rows = await query(COUNTS, [kind, ids ?? null]);
      return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    },

    /** The frozen content of a digest, for the view in the browser; null when it is no longer kept. */
    findDigest: async (id: string): Promise<DigestView | null> => {
      const [row] = await query(FIND_DIGEST, [id]);
      return row ?? null;
    },

    /** The newest deliveries, of one state or of all. */
    list: (options: {
      readonly status?: DeliveryStatus | undefined;
      readonly limit: number;
    }): Promise<DeliveryView[]> => query(LIST, [options.status ?? null, options.limit]),
  };
}
