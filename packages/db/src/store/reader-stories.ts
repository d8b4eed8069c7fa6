import type { DeliveryEvent, DeliveryStatus } from "@paperboy/core";
import type { Connection } from "./connection.ts";
import type { DeliveryKind } from "./deliveries/delivery-id.ts";
import { statement } from "./statement.ts";

/** Where a subscription stands in its schedule. */
export interface ReaderSchedule {
  /** The local date and the instant of the oldest edition not planned yet; null unless it is active. */
  readonly nextDate: string | null;
  readonly nextDueAt: Date | null;
  /** Papers up to this seq are settled: the reader has had them, or will not. */
  readonly watermark: number;
}

/** An edition that was planned. */
export interface EditionRow {
  readonly id: string;
  /** Its local date. */
  readonly date: string;
  /** Null when it is no longer kept what became of it. */
  readonly status: DeliveryStatus | null;
  readonly response: string | null;
  readonly plannedAt: Date;
  /** The newest seq it considered; null when it carried nothing, or is no longer kept. */
  readonly toSeq: number | null;
  /** The papers it brought as new, under the ids they have now. */
  readonly paperIds: readonly number[];
}

/** What became of one mail. */
export interface DeliveryStory {
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly edition: string;
  readonly status: DeliveryStatus;
  readonly plannedAt: Date;
  /** How often a worker took it. */
  readonly claims: number;
  /** When the newest claim runs out; null when nobody holds it. */
  readonly leaseExpiresAt: Date | null;
  readonly nextAttemptAt: Date | null;
  /** Whether an attempt may have gone out whose answer was not seen. */
  readonly uncertain: boolean;
  /** What was said last. */
  readonly response: string | null;
  readonly messageId: string | null;
  readonly submittedAt: Date | null;
  /** What happened before, oldest first. */
  readonly events: readonly {
    readonly event: DeliveryEvent;
    /** The claim it happened to, counting from 1. */
    readonly claim: number;
    readonly response: string | null;
    readonly at: string;
  }[];
  readonly bounces: readonly {
    readonly kind: string;
    readonly status: string | null;
    readonly reason: string;
    readonly receivedAt: string;
  }[];
}

const SCHEDULE = statement<ReaderSchedule>(
  "reader-stories.schedule",
  { nextDate: "text?", nextDueAt: "instant?", watermark: "int" },
  `SELECT next_date::text AS "nextDate", next_due_at AS "nextDueAt", watermark FROM subscriptions WHERE id = $1`,
);

const EDITIONS = statement<EditionRow>(
  "reader-stories.editions",
  {
    id: "text!",
    date: "text!",
    status: "text?",
    response: "text?",
    plannedAt: "instant!",
    toSeq: "int?",
    paperIds: "int[]!",
  },
  `SELECT coalesce(d.id, g.id) AS id, coalesce(d.edition, g.edition) AS date, d.status, d.response,
     coalesce(d.planned_at, g.planned_at) AS "plannedAt", g.to_seq AS "toSeq",
     coalesce((SELECT array_agg(coalesce(p.merged_into, p.id)) FROM unnest(g.paper_ids) AS brought
       JOIN papers p ON p.id = brought), '{}') AS "paperIds"
   FROM (SELECT id FROM deliveries WHERE subscription_id = $1 AND kind = 'digest'
     UNION SELECT id FROM digests WHERE subscription_id = $1) AS each
     LEFT JOIN deliveries d ON d.id = each.id LEFT JOIN digests g ON g.id = each.id
   ORDER BY date`,
);

const DELIVERY = statement<DeliveryStory>(
  "reader-stories.delivery",
  {
    id: "text",
    kind: "text",
    edition: "text",
    status: "text",
    plannedAt: "instant",
    claims: "int",
    leaseExpiresAt: "instant?",
    nextAttemptAt: "instant?",
    uncertain: "bool",
    response: "text?",
    messageId: "text?",
    submittedAt: "instant?",
    events: "json!",
    bounces: "json!",
  },
  `SELECT d.id, d.kind, d.edition, d.status, d.planned_at AS "plannedAt", d.fence AS claims, d.lease_expires_at AS "leaseExpiresAt",
     d.next_attempt_at AS "nextAttemptAt", d.uncertain, d.response, d.message_id AS "messageId", d.submitted_at AS "submittedAt",
     (SELECT coalesce(json_agg(json_build_object('event', e.event, 'claim', e.fence, 'response', e.response, 'at', e.at)
       ORDER BY e.id), '[]') FROM delivery_events e WHERE e.delivery_id = d.id) AS events,
     (SELECT coalesce(json_agg(json_build_object('kind', b.kind, 'status', b.status, 'reason', b.reason,
       'receivedAt', b.received_at) ORDER BY b.received_at), '[]') FROM bounces b WHERE b.delivery_id = d.id) AS bounces
   FROM deliveries d WHERE d.subscription_id = $1 AND d.kind = $2::delivery_kind AND ($3::text IS NULL OR d.edition = $3)
   ORDER BY d.planned_at DESC, d.id LIMIT 1`,
);

/** What `paperboy why` tells of: the editions of one reader and what became of them. */
export function readerStories({ query }: Connection) {
  return {
    schedule: async (subscriptionId: string): Promise<ReaderSchedule | null> => {
      const [row] = await query(SCHEDULE, [subscriptionId]);
      return row ?? null;
    },

    /** All editions of a subscription that are kept, oldest first. */
    editions: (subscriptionId: string): Promise<EditionRow[]> => query(EDITIONS, [subscriptionId]),

    /** One mail: of a date, or the newest of its kind when none is given; null when none is kept. */
    delivery: async (
      subscriptionId: string,
      kind: DeliveryKind,
      edition: string | null,
    ): Promise<DeliveryStory | null> => {
      const [row] = await query(DELIVERY, [subscriptionId, kind, edition]);
      return row ?? null;
    },
  };
}
