import { randomUUID } from "node:crypto";
import { mailboxOf, type SubscriptionOrder } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { activate, applyOrder } from "./orders.ts";
import { countAgainst, forget, type Limit } from "./throttles.ts";

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

/** What is asked for at the form, and what becomes of it when its mail is answered. */
export function requestStore({ prisma, transaction }: Connection) {
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

/** The address key of who ordered a subscription. */
export async function keyOfReader(query: Query, subscriptionId: string): Promise<string> {
  const [row] = await query<{ key: string }>(
    "SELECT r.address_key AS key FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id WHERE s.id = $1",
    [subscriptionId],
  );
  return row?.key ?? "";
}

/** The subscription of an address, made when there is none. */
export async function useSubscription(
  query: Query,
  address: { address: string; key: string },
): Promise<string> {
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
