import {
  DELIVERY_EVENTS,
  type FrozenSection,
  MAY_HAVE_GONE_OUT,
  OPEN_STATUSES,
  type SubscriptionOrder,
} from "@paperboy/core";
import type { Connection } from "../connection.ts";
import { statement } from "../statement.ts";
import type { DeliveryKind } from "./delivery-id.ts";

/** A delivery a worker holds: what to send, to whom, and the fence that proves the hold. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly kind: DeliveryKind;
  /** A digest's local date; a confirmation's request id. */
  readonly edition: string;
  readonly fence: number;
  /** Attempts that were deferred before. */
  readonly attempts: number;
  /** Whether an earlier attempt may have gone out. */
  readonly uncertain: boolean;
  readonly plannedAt: Date;
  readonly subscriptionId: string;
  readonly email: string;
  /** What a confirmation asks to confirm; null for other mails. */
  readonly order: SubscriptionOrder | null;
  /** How often the links to the reader's page were revoked. */
  readonly manageRevision: number;
  /** Whether the reader still wants it: an active subscription, or a request not confirmed yet. */
  readonly wanted: boolean;
  /** Whether an edition of a later date has gone out, or may have: this one comes too late. */
  readonly overtaken: boolean;
  readonly sections: readonly FrozenSection[];
  /** Lines for the footer. */
  readonly notes: readonly string[];
}

/** Names a claim; a transition with an old fence changes nothing. */
export type Claim = Pick<ClaimedDelivery, "id" | "fence">;

export interface ClaimRequest {
  readonly now: Date;
  readonly limit: number;
  readonly leaseSeconds: number;
  readonly ids?: readonly string[] | undefined;
  /** Domains of readers that have to wait. */
  readonly exceptDomains?: readonly string[] | undefined;
}

/** How workers get hold of deliveries, and let go of them. */
export function claimStore({ query, transaction }: Connection) {
  return {
    /**
     * Takes deliveries to send: pending ones and deferred ones that are due, or only those of `ids`; confirmations first,
     * for somebody waits for them. Each gets a new fence and a lease by the database's clock.
     */
    claim: (request: ClaimRequest): Promise<ClaimedDelivery[]> => {
      const { now, limit, leaseSeconds, ids = null, exceptDomains } = request;
      const { from, to } = DELIVERY_EVENTS.claim;
      const except = exceptDomains?.length ? exceptDomains : null;
      const params = [now, limit, leaseSeconds, ids, except, from, to, MAY_HAVE_GONE_OUT];
      return transaction(async (inside) => {
        await inside(BY_KEYS);
        return inside(CLAIM, params);
      });
    },

    /** Keeps the leases of claims alive while their worker is. */
    renew: async (claims: readonly Claim[], leaseSeconds: number): Promise<void> => {
      await query(
        `UPDATE deliveries d SET lease_expires_at = now() + make_interval(secs => $3)
         FROM unnest($1::uuid[], $2::int[]) AS c(id, fence)
         WHERE d.id = c.id AND d.fence = c.fence AND d.status = ANY($4::delivery_status[]) AND d.lease_expires_at IS NOT NULL`,
        [claims.map((c) => c.id), claims.map((c) => c.fence), leaseSeconds, OPEN_STATUSES],
      );
    },

    /** Releases claims unsent, as a worker does that is told to stop. */
    release: async (claims: readonly Claim[]): Promise<void> => {
      const { from, to } = DELIVERY_EVENTS.release;
      await query(
        `UPDATE deliveries d SET status = $3::delivery_status, lease_expires_at = NULL, updated_at = now()
         FROM unnest($1::uuid[], $2::int[]) AS c(id, fence)
         WHERE d.id = c.id AND d.fence = c.fence AND d.status = ANY($4::delivery_status[])`,
        [claims.map((c) => c.id), claims.map((c) => c.fence), to, from],
      );
    },
  };
}

/**
 * A claim finds some hundred rows by their keys, in tables that have just grown: by the statistics of before, it would read whole
 * tables for each row (measured on 6,000 deliveries planned since: 10 ms a mail, and 0.1 this way).
 */
const BY_KEYS = `SELECT set_config(name, 'off', true)
  FROM unnest(ARRAY['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'enable_material', 'jit']) AS name`;

/**
 * In the order of the partial index on open deliveries, so that a claim reads no more than it takes. Of two editions that
 * wait for one reader, the earlier goes first.
 */
const CLAIM = statement<ClaimedDelivery>(
  "deliveries.claim",
  {
    id: "text",
    kind: "text",
    edition: "text",
    fence: "int",
    attempts: "int",
    uncertain: "bool",
    plannedAt: "instant",
    subscriptionId: "text",
    email: "text!",
    order: "json?",
    manageRevision: "int",
    sections: "json!",
    notes: "text[]!",
    wanted: "bool!",
    overtaken: "bool!",
  },
  `WITH taken AS (
    UPDATE deliveries SET status = $7::delivery_status, fence = fence + 1, updated_at = now(),
      lease_expires_at = now() + make_interval(secs => $3)
    WHERE id IN (
      SELECT id FROM deliveries d
      WHERE open_at IS NOT NULL AND status = ANY($6::delivery_status[]) AND (status <> 'deferred' OR next_attempt_at <= $1)
        AND ($4::uuid[] IS NULL OR id = ANY($4))
        AND ($5::text[] IS NULL OR NOT EXISTS (
          SELECT FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id
          WHERE s.id = d.subscription_id AND split_part(r.email, '@', 2) = ANY($5)))
        AND NOT EXISTS (
          SELECT FROM deliveries e WHERE d.kind = 'digest' AND e.subscription_id = d.subscription_id AND e.kind = 'digest'
            AND e.edition < d.edition AND e.status IN ('pending', 'sending'))
      ORDER BY kind DESC, open_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING *
  )
  SELECT t.id, t.kind, t.edition, t.fence, t.attempts, t.uncertain, t.planned_at AS "plannedAt", t.subscription_id AS "subscriptionId",
    CASE WHEN s.confirmed_at IS NULL THEN coalesce(q.email, r.email) ELSE r.email END AS email, q."order",
    s.manage_revision AS "manageRevision", coalesce(g.sections, '[]') AS sections, coalesce(g.notes, '{}') AS notes,
    CASE t.kind WHEN 'digest' THEN s.status = 'active' WHEN 'link' THEN s.confirmed_at IS NOT NULL
      ELSE q.id IS NOT NULL AND q.confirmed_at IS NULL
    END AS wanted,
    t.kind = 'digest' AND NOT t.uncertain AND EXISTS (
      SELECT FROM deliveries l WHERE l.subscription_id = t.subscription_id AND l.kind = 'digest' AND l.edition > t.edition
        AND (l.status = ANY($8::delivery_status[]) OR l.uncertain)) AS overtaken
  FROM taken t JOIN subscriptions s ON s.id = t.subscription_id JOIN subscribers r ON r.id = s.subscriber_id
    LEFT JOIN digests g ON g.id = t.id
    LEFT JOIN subscription_requests q ON q.id = CASE WHEN t.kind = 'confirmation' THEN t.edition::uuid END`,
);
