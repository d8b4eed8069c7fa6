import { randomUUID } from "node:crypto";
import { mailboxOf, nextEdition, type SubscriptionOrder, type TopicOrder } from "@paperboy/core";
import type { SubscriptionStatus } from "../generated/enums.ts";
import type { Connection, Query } from "./connection.ts";
import { countAgainst, forget, type Limit } from "./throttles.ts";

export type { SubscriptionStatus };

/** A reader's standing order as he may see and change it. */
export interface SubscriptionView {
  readonly id: string;
  readonly email: string;
  readonly status: SubscriptionStatus;
  readonly order: SubscriptionOrder;
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  readonly nextDueAt: Date | null;
  /** Local date, ISO 8601; null when not paused. */
  readonly pausedUntil: string | null;
}

/** What somebody asked for at the form and has not, or has, confirmed. */
export interface RequestView {
  readonly id: string;
  readonly subscriptionId: string;
  readonly email: string;
  readonly order: SubscriptionOrder;
  readonly confirmedAt: Date | null;
}

export interface RequestOptions {
  /** IP address it came from: evidence of consent. */
  readonly from?: string | null;
  /** True when anybody may have asked: a mailbox then gets one confirmation in 24 hours. */
  readonly limited?: boolean;
}

/** A new reader's first digest looks this far back, so that it is worth reading. */
const FIRST_DIGEST_LOOKS_BACK_MS = 7 * 24 * 60 * 60 * 1000;

export function subscriptionStore(connection: Connection) {
  const { prisma, transaction } = connection;
  return {
    /**
     * Keeps what was asked for and plans the mail that asks to confirm it. The subscription itself does not
     * change: whoever types somebody else's address changes nothing for him.
     * When `limited`, a mailbox gets one such mail in 24 hours, whoever asks how often, until it confirms; meanwhile the
     * newest order takes the place of the one before.
     *
     * @returns the request's id, and the confirmation's delivery id; null when no mail is to go out.
     */
    request: (
      address: { address: string; key: string },
      order: SubscriptionOrder,
      now: Date,
      { from = null, limited = false }: RequestOptions = {},
    ): Promise<{ requestId: string; deliveryId: string | null }> =>
      transaction(async (query) => {
        const subscriptionId = await useSubscription(query, address);
        const mayMail = !limited || (await countAgainst(query, ONE_A_DAY, mailboxOf(address.key), now));
        if (!mayMail)
          return { requestId: await amendRequest(query, subscriptionId, order), deliveryId: null };
        const requestId = randomUUID();
        await query(
          `INSERT INTO subscription_requests (id, subscription_id, "order", created_at, requested_from)
           VALUES ($1, $2, $3, $4, $5)`,
          [requestId, subscriptionId, JSON.stringify(order), now, from],
        );
        const [delivery] = await query<{ id: string }>(
          `INSERT INTO deliveries (subscription_id, kind, edition, planned_at) VALUES ($1, 'confirmation', $2, $3) RETURNING id`,
          [subscriptionId, requestId, now],
        );
        return { requestId, deliveryId: (delivery as { id: string }).id };
      }),

    /** The request a confirmation link names; null when the reader has been erased since. */
    findRequest: async (id: string): Promise<RequestView | null> => {
      const row = await prisma.subscriptionRequest.findUnique({
        where: { id },
        include: { subscription: { include: { subscriber: true } } },
      });
      if (row === null) return null;
      const { email } = row.subscription.subscriber;
      const order = row.order as unknown as SubscriptionOrder;
      return { id, subscriptionId: row.subscriptionId, email, order, confirmedAt: row.confirmedAt };
    },

    /**
     * Makes a request the subscription's order. Confirming it again changes nothing.
     * @returns the subscription's id; null when there is no such request.
     */
    confirm: (requestId: string, now: Date, from: string | null = null): Promise<string | null> =>
      transaction(async (query) => {
        const [request] = await query<{ subscription_id: string; order: SubscriptionOrder }>(
          `UPDATE subscription_requests SET confirmed_at = $2, confirmed_from = $3 WHERE id = $1 AND confirmed_at IS NULL
           RETURNING subscription_id, "order"`,
          [requestId, now, from],
        );
        if (request === undefined) return alreadyConfirmed(query, requestId);
        await applyOrder(query, request.subscription_id, request.order, now);
        await activate(query, request.subscription_id, now);
        await forget(query, ONE_A_DAY.name, mailboxOf(await keyOfReader(query, request.subscription_id)));
        return request.subscription_id;
      }),

    find: async (id: string): Promise<SubscriptionView | null> => {
      const row = await prisma.subscription.findUnique({
        where: { id },
        include: { subscriber: true, topics: { orderBy: { position: "asc" } } },
      });
      return row && toView(row);
    },

    /** The newest subscriptions, at most `limit`, for the operator's eyes. */
    list: async (limit: number): Promise<SubscriptionView[]> => {
      const rows = await prisma.subscription.findMany({
        include: { subscriber: true, topics: { orderBy: { position: "asc" } } },
        orderBy: { createdAt: "desc" },
        take: limit,
      });
      return rows.map(toView);
    },

    /** Replaces the order of a subscription. Takes effect with the next edition. */
    change: (id: string, order: SubscriptionOrder, now: Date): Promise<void> =>
      transaction((query) => applyOrder(query, id, order, now)),

    /** Stops a subscription for good, from any state. Idempotent; false when it does not exist. */
    unsubscribe: async (id: string, now: Date): Promise<boolean> => {
      const rows = await connection.query(
        `UPDATE subscriptions SET status = 'unsubscribed', next_due_at = NULL, next_date = NULL,
           unsubscribed_at = coalesce(unsubscribed_at, $2) WHERE id = $1 RETURNING id`,
        [id, now],
      );
      return rows.length > 0;
    },

    /** Lets no edition come before a local date; null ends the pause. What is new meanwhile comes with the first one. */
    pause: (id: string, until: string | null, now: Date): Promise<void> =>
      transaction(async (query) => {
        const [row] = await query<
          SubscriptionOrder & { status: SubscriptionStatus; lastDate: string | null }
        >(
          `UPDATE subscriptions SET paused_until = $2 WHERE id = $1
           RETURNING status, cadence, weekday, local_minute AS "localMinute", timezone,
             greatest(last_date, paused_until - 1)::text AS "lastDate"`,
          [id, until],
        );
        if (row?.status === "active") await schedule(query, id, row, now, row.lastDate);
      }),

    /** Takes an unsubscribing back, as the reader may who holds his manage link. */
    resume: (id: string, now: Date): Promise<void> => transaction((query) => activate(query, id, now)),

    /** Makes the next edition due now; false when today's has been planned already or nothing is active. */
    advance: async (id: string, localDate: string, now: Date): Promise<boolean> => {
      const rows = await connection.query(
        `UPDATE subscriptions SET next_due_at = $2, next_date = $3
         WHERE id = $1 AND status = 'active' AND (last_date IS NULL OR last_date < $3) RETURNING id`,
        [id, now, localDate],
      );
      return rows.length > 0;
    },

    /** Everything that is kept about the reader of a subscription; null when there is none. */
    everythingAbout: async (id: string): Promise<object | null> => {
      const [row] = await connection.query<{ about: object }>(
        `SELECT json_build_object('email', r.email, 'since', r.created_at,
           'subscription', to_json(s), 'topics', (SELECT coalesce(json_agg(t ORDER BY t.position), '[]') FROM topics t WHERE t.subscription_id = s.id),
           'requests', (SELECT coalesce(json_agg(q ORDER BY q.created_at), '[]') FROM subscription_requests q WHERE q.subscription_id = s.id),
           'deliveries', (SELECT coalesce(json_agg(d ORDER BY d.planned_at), '[]') FROM deliveries d WHERE d.subscription_id = s.id)) AS about
         FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id WHERE s.id = $1`,
        [id],
      );
      return row?.about ?? null;
    },

    /** Forgets a reader and all that hangs on it; a suppression of the address stays, as a hash. False when there is none. */
    erase: async (id: string): Promise<boolean> => {
      const rows = await connection.query(
        "DELETE FROM subscribers WHERE id = (SELECT subscriber_id FROM subscriptions WHERE id = $1) RETURNING id",
        [id],
      );
      return rows.length > 0;
    },

    /** The subscription of an address, by its key; null when there is none. */
    findByAddress: async (addressKey: string): Promise<string | null> => {
      const [row] = await connection.query<{ id: string }>(
        "SELECT s.id FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id WHERE r.address_key = $1",
        [addressKey],
      );
      return row?.id ?? null;
    },

    /** How many subscriptions are in each state. */
    counts: async (): Promise<Record<SubscriptionStatus, number>> => {
      const rows = await connection.query<{ status: SubscriptionStatus; n: number }>(
        "SELECT status, count(*)::int AS n FROM subscriptions GROUP BY status",
      );
      const counts = { pending: 0, active: 0, unsubscribed: 0 };
      for (const { status, n } of rows) counts[status] = n;
      return counts;
    },
  };
}

/** How many confirmations a mailbox gets: a form that anybody can fill must not become a way to flood somebody. */
const ONE_A_DAY: Limit = { name: "confirmation", most: 1, windowMs: 24 * 60 * 60 * 1000 };

/** The mail that is out already then confirms the newest order. */
async function amendRequest(query: Query, subscriptionId: string, order: SubscriptionOrder): Promise<string> {
  const [row] = await query<{ id: string }>(
    `UPDATE subscription_requests SET "order" = $2 WHERE id = (
       SELECT id FROM subscription_requests WHERE subscription_id = $1 AND confirmed_at IS NULL
       ORDER BY created_at DESC LIMIT 1
     ) RETURNING id`,
    [subscriptionId, JSON.stringify(order)],
  );
  return row?.id ?? randomUUID();
}

async function keyOfReader(query: Query, subscriptionId: string): Promise<string> {
  const [row] = await query<{ key: string }>(
    "SELECT r.address_key AS key FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id WHERE s.id = $1",
    [subscriptionId],
  );
  return row?.key ?? "";
}

async function useSubscription(query: Query, address: { address: string; key: string }): Promise<string> {
  const [subscriber] = await query<{ id: string }>(
    `INSERT INTO subscribers (email, address_key) VALUES ($1, $2)
     ON CONFLICT (address_key) DO UPDATE SET address_key = EXCLUDED.address_key RETURNING id`,
    [address.address, address.key],
  );
  const [subscription] = await query<{ id: string }>(
    `INSERT INTO subscriptions (subscriber_id) VALUES ($1)
     ON CONFLICT (subscriber_id) DO UPDATE SET subscriber_id = EXCLUDED.subscriber_id RETURNING id`,
    [(subscriber as { id: string }).id],
  );
  return (subscription as { id: string }).id;
}

async function alreadyConfirmed(query: Query, requestId: string): Promise<string | null> {
  const [row] = await query<{ subscription_id: string }>(
    "SELECT subscription_id FROM subscription_requests WHERE id = $1",
    [requestId],
  );
  return row?.subscription_id ?? null;
}

async function applyOrder(query: Query, id: string, order: SubscriptionOrder, now: Date): Promise<void> {
  const [row] = await query<{ status: SubscriptionStatus; last_date: string | null }>(
    `UPDATE subscriptions SET trending = $2, cadence = $3::cadence, weekday = $4, local_minute = $5, timezone = $6,
       max_papers = $7, replacements = $8, note_when_empty = $9 WHERE id = $1
     RETURNING status, greatest(last_date, paused_until - 1)::text AS last_date`,
    [
      id,
      order.trending,
      order.cadence,
      order.weekday,
      order.localMinute,
      order.timezone,
      order.maxPapers,
      order.replacements ?? false,
      order.noteWhenEmpty ?? false,
    ],
  );
  if (row === undefined) throw new Error(`there is no subscription ${id}`);
  await query("DELETE FROM topics WHERE subscription_id = $1", [id]);
  await query(
    `INSERT INTO topics (subscription_id, position, name, query)
     SELECT $1, ordinality, name, query
     FROM ROWS FROM (jsonb_to_recordset($2) AS (name text, query text)) WITH ORDINALITY`,
    [id, JSON.stringify(order.topics)],
  );
  if (row.status === "active") await schedule(query, id, order, now, row.last_date);
}

/** Puts a subscription to work. One that never ran starts a week back; one that was stopped starts here. */
async function activate(query: Query, id: string, now: Date): Promise<void> {
  const [row] = await query<SubscriptionOrder & { status: SubscriptionStatus; lastDate: string | null }>(
    `SELECT status, cadence, weekday, local_minute AS "localMinute", timezone, last_date::text AS "lastDate"
     FROM subscriptions WHERE id = $1 FOR UPDATE`,
    [id],
  );
  if (row === undefined || row.status === "active") return;
  const since = row.status === "pending" ? new Date(now.getTime() - FIRST_DIGEST_LOOKS_BACK_MS) : now;
  await query(
    `UPDATE subscriptions SET status = 'active', confirmed_at = coalesce(confirmed_at, $2), unsubscribed_at = NULL,
       watermark = greatest(watermark, (SELECT coalesce(max(seq), 0) FROM papers WHERE announced_at <= $3))
     WHERE id = $1`,
    [id, now, since],
  );
  await schedule(query, id, row, now, row.lastDate);
}

async function schedule(
  query: Query,
  id: string,
  order: Pick<SubscriptionOrder, "cadence" | "weekday" | "localMinute" | "timezone">,
  now: Date,
  lastDate: string | null,
): Promise<void> {
  const edition = nextEdition(order, now, lastDate);
  await query("UPDATE subscriptions SET next_due_at = $2, next_date = $3 WHERE id = $1", [
    id,
    edition.dueAt,
    edition.date,
  ]);
}

interface SubscriptionRow extends Omit<SubscriptionOrder, "topics"> {
  readonly id: string;
  readonly status: SubscriptionStatus;
  readonly subscriber: { readonly email: string };
  readonly topics: readonly TopicOrder[];
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  readonly nextDueAt: Date | null;
  readonly pausedUntil: Date | null;
}

function toView(row: SubscriptionRow): SubscriptionView {
  const { trending, cadence, weekday, localMinute, timezone, maxPapers } = row;
  const { replacements = false, noteWhenEmpty = false } = row;
  const topics = row.topics.map(({ name, query }) => ({ name, query }));
  return {
    id: row.id,
    email: row.subscriber.email,
    status: row.status,
    order: {
      topics,
      trending,
      replacements,
      noteWhenEmpty,
      cadence,
      weekday,
      localMinute,
      timezone,
      maxPapers,
    },
    createdAt: row.createdAt,
    confirmedAt: row.confirmedAt,
    nextDueAt: row.nextDueAt,
    pausedUntil: row.pausedUntil?.toISOString().slice(0, 10) ?? null,
  };
}
