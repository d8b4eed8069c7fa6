import {
  type DeliveryStatus,
  type FrozenSection,
  redact,
  type SubscriptionOrder,
  statusesAllowing,
  type UnknownPolicy,
} from "@paperboy/core";
import type { Connection } from "./connection.ts";

/** A delivery a worker holds: what to send, to whom, and the fence that proves the hold. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly kind: "digest" | "confirmation" | "link";
  /** A digest's local date; a confirmation's request id. */
  readonly edition: string;
  readonly fence: number;
  /** Attempts that were put off before. */
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
  readonly sections: readonly FrozenSection[];
  /** Lines for the footer. */
  readonly notes: readonly string[];
}

/** Names a claim; a transition with an old fence changes nothing. */
export type Claim = Pick<ClaimedDelivery, "id" | "fence">;

/** How an attempt ended, as the row records it. */
export type DeliveryResult =
  | { readonly event: "accept"; readonly response: string; readonly messageId: string }
  | { readonly event: "refuse" | "lose" | "suppress" | "supersede"; readonly response: string }
  | {
      readonly event: "defer";
      readonly response: string;
      readonly nextAttemptAt: Date;
      /** True when this attempt may have gone out all the same. */
      readonly uncertain?: boolean;
    };

/** A delivery as the operator sees it. */
export interface DeliveryView {
  readonly id: string;
  readonly kind: "digest" | "confirmation" | "link";
  readonly edition: string;
  readonly status: DeliveryStatus;
  readonly email: string;
  readonly attempts: number;
  readonly response: string | null;
  readonly plannedAt: Date;
  readonly submittedAt: Date | null;
}

export function deliveryStore({ query }: Connection) {
  return {
    /**
     * Takes deliveries to send: pending ones and deferred ones that are due, or only those of `ids`; confirmations first,
     * for somebody waits for them. Each gets a new fence and a lease by the database's clock.
     */
    claim: (options: {
      readonly now: Date;
      readonly limit: number;
      readonly leaseSeconds: number;
      readonly ids?: readonly string[] | undefined;
      /** Domains of readers that have to wait. */
      readonly exceptDomains?: readonly string[] | undefined;
    }): Promise<ClaimedDelivery[]> =>
      query<ClaimedDelivery>(
        `WITH taken AS (
           UPDATE deliveries SET status = 'sending', fence = fence + 1, updated_at = now(),
             lease_expires_at = now() + make_interval(secs => $3)
           WHERE id IN (
             SELECT id FROM deliveries d
             WHERE open_at IS NOT NULL AND (status = 'pending' OR (status = 'deferred' AND next_attempt_at <= $1))
               AND ($4::uuid[] IS NULL OR id = ANY($4))
               AND ($5::text[] IS NULL OR NOT EXISTS (
                 SELECT FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id
                 WHERE s.id = d.subscription_id AND split_part(r.email, '@', 2) = ANY($5)))
             ORDER BY kind DESC, open_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
           ) RETURNING *
         )
         SELECT t.id, t.kind, t.edition, t.fence, t.attempts, t.uncertain, t.planned_at AS "plannedAt", t.subscription_id AS "subscriptionId",
           CASE WHEN s.confirmed_at IS NULL THEN coalesce(q.email, r.email) ELSE r.email END AS email,
           q."order", s.manage_revision AS "manageRevision",
           coalesce(g.sections, '[]') AS sections, coalesce(g.notes, '{}') AS notes,
           CASE t.kind WHEN 'digest' THEN s.status = 'active' WHEN 'link' THEN s.confirmed_at IS NOT NULL
             ELSE q.id IS NOT NULL AND q.confirmed_at IS NULL
           END AS wanted
         FROM taken t JOIN subscriptions s ON s.id = t.subscription_id JOIN subscribers r ON r.id = s.subscriber_id
           LEFT JOIN digests g ON g.id = t.id
           LEFT JOIN subscription_requests q ON q.id = CASE WHEN t.kind = 'confirmation' THEN t.edition::uuid END`,
        [
          options.now,
          options.limit,
          options.leaseSeconds,
          options.ids ?? null,
          options.exceptDomains?.length ? options.exceptDomains : null,
        ],
      ),

    /**
     * Marks claims as about to send the final dot; committed when this resolves.
     * @returns the ids that were marked; a claim that is not among them has lost its lease and must not send.
     */
    dot: async (claims: readonly Claim[], leaseSeconds: number): Promise<Set<string>> => {
      const rows = await query<{ id: string }>(
        `UPDATE deliveries d SET status = 'dotted', updated_at = now(), lease_expires_at = now() + make_interval(secs => $3)
         FROM unnest($1::uuid[], $2::int[]) AS c(id, fence)
         WHERE d.id = c.id AND d.fence = c.fence AND d.status = ANY($4::delivery_status[]) RETURNING d.id`,
        [claims.map((c) => c.id), claims.map((c) => c.fence), leaseSeconds, statusesAllowing("dot")],
      );
      return new Set(rows.map((row) => row.id));
    },

    /** Records how attempts ended; ends that a stale worker reports of a claim taken from it change nothing. */
    record: async (ends: readonly (Claim & DeliveryResult)[], now: Date): Promise<void> => {
      for (const event of ["accept", "refuse", "lose", "suppress", "supersede", "defer"] as const) {
        const group = ends
          .filter((end) => end.event === event)
          .map((end) => ({ ...end, response: redact(end.response) }));
        if (group.length === 0) continue;
        await query(RECORD, [JSON.stringify(group), RESULT_STATUS[event], statusesAllowing(event), now]);
      }
    },

    /** Keeps the leases of claims alive while their worker is. */
    renew: async (claims: readonly Claim[], leaseSeconds: number): Promise<void> => {
      await query(
        `UPDATE deliveries d SET lease_expires_at = now() + make_interval(secs => $3)
         FROM unnest($1::uuid[], $2::int[]) AS c(id, fence)
         WHERE d.id = c.id AND d.fence = c.fence AND d.status IN ('sending', 'dotted')`,
        [claims.map((c) => c.id), claims.map((c) => c.fence), leaseSeconds],
      );
    },

    /** Gives claims back unsent, as a worker does that is told to stop. */
    giveBack: async (claims: readonly Claim[]): Promise<void> => {
      await query(
        `UPDATE deliveries d SET status = 'pending', lease_expires_at = NULL, updated_at = now()
         FROM unnest($1::uuid[], $2::int[]) AS c(id, fence)
         WHERE d.id = c.id AND d.fence = c.fence AND d.status = 'sending'`,
        [claims.map((c) => c.id), claims.map((c) => c.fence)],
      );
    },

    /**
     * Settles deliveries whose worker is gone: those before the dot may be sent again; of those after it nobody
     * knows, and the policy decides.
     */
    expireLeases: async (policy: UnknownPolicy): Promise<{ pending: number; unknown: number }> => {
      const rows = await query<{ status: DeliveryStatus }>(
        `UPDATE deliveries SET lease_expires_at = NULL, updated_at = now(),
           status = CASE WHEN status = 'dotted' AND $1 = 'hold' THEN 'unknown' ELSE 'pending' END::delivery_status,
           uncertain = uncertain OR status = 'dotted',
           response = CASE WHEN status = 'dotted' THEN 'the worker ended after the final dot; its answer was not seen' END
         WHERE id IN (
           SELECT id FROM deliveries
           WHERE open_at IS NOT NULL AND status IN ('sending', 'dotted') AND lease_expires_at < now() FOR UPDATE SKIP LOCKED
         ) RETURNING status`,
        [policy],
      );
      const unknown = rows.filter((row) => row.status === "unknown").length;
      return { pending: rows.length - unknown, unknown };
    },

    /**
     * Settles one `unknown` delivery by an operator's word, or all of them. One that is to be sent again counts as planned now,
     * so that it does not come too late.
     *
     * @returns how many were in that state.
     */
    settle: async (id: string | "all", as: "submitted" | "pending", now: Date): Promise<number> => {
      const rows = await query(
        `UPDATE deliveries SET status = $2::delivery_status, uncertain = true, updated_at = now(),
           planned_at = CASE WHEN $2 = 'pending' THEN $3 ELSE planned_at END
         WHERE ($1 = 'all' OR id::text = lower($1)) AND status = 'unknown' RETURNING id`,
        [id, as, now],
      );
      return rows.length;
    },

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
        `SELECT id FROM deliveries WHERE open_at IS NOT NULL AND (status <> 'deferred' OR next_attempt_at <= $1)`,
        [now],
      );
      return rows.map((row) => row.id);
    },

    /** How many deliveries of a kind are in each state; of the given ids only, when given. */
    counts: async (
      kind: "digest" | "confirmation" | "link",
      ids?: readonly string[],
    ): Promise<Partial<Record<DeliveryStatus, number>>> => {
      const rows = await query<{ status: DeliveryStatus; n: number }>(
        `SELECT status, count(*)::int AS n FROM deliveries
         WHERE kind = $1::delivery_kind AND ($2::uuid[] IS NULL OR id = ANY($2)) GROUP BY status`,
        [kind, ids ?? null],
      );
      return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    },

    /** The frozen content of a digest, for the view in the browser; null when there is none. */
    findDigest: async (id: string) => {
      const [row] = await query<{
        id: string;
        edition: string;
        sections: FrozenSection[];
        notes: string[];
        subscriptionId: string;
      }>(
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

const RESULT_STATUS = {
  accept: "submitted",
  refuse: "failed",
  lose: "unknown",
  suppress: "suppressed",
  supersede: "skipped",
  defer: "deferred",
} as const satisfies Record<DeliveryResult["event"], DeliveryStatus>;

const RECORD = `UPDATE deliveries d SET status = $2::delivery_status, response = r.response, lease_expires_at = NULL,
    message_id = coalesce(r."messageId", d.message_id), next_attempt_at = r."nextAttemptAt", updated_at = $4,
    submitted_at = CASE WHEN $2 = 'submitted' THEN $4::timestamptz END,
    attempts = d.attempts + CASE WHEN $2 = 'deferred' THEN 1 ELSE 0 END,
    uncertain = d.uncertain OR coalesce(r.uncertain, false)
  FROM jsonb_to_recordset($1)
    AS r(id uuid, fence int, response text, "messageId" text, "nextAttemptAt" timestamptz, uncertain boolean)
  WHERE d.id = r.id AND d.fence = r.fence AND d.status = ANY($3::delivery_status[])`;
