import { randomUUID } from "node:crypto";
import { FORM_LIMITS, mailboxKey, type SubscriptionOrder } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import type { DeliveryId } from "./deliveries/delivery-id.ts";
import { activate, applyOrder } from "./orders.ts";
import { statement } from "./statement.ts";
import { addressOfReader, type ReaderAddress, useSubscription } from "./subscribers.ts";
import { countAgainst, forget } from "./throttles.ts";

/** What somebody asked for at the form and has not, or has, confirmed. */
export interface RequestView {
  readonly id: string;
  readonly subscriptionId: string;
  /** Where the digests go once it is confirmed. */
  readonly email: string;
  readonly order: SubscriptionOrder;
  readonly confirmedAt: Date | null;
}

const FIND_REQUEST = statement<RequestView>(
  "requests.findRequest",
  { id: "text", subscriptionId: "text", order: "json", confirmedAt: "instant?", email: "text!" },
  `SELECT q.id, q.subscription_id AS "subscriptionId", q."order", q.confirmed_at AS "confirmedAt",
           CASE WHEN s.confirmed_at IS NULL THEN coalesce(q.email, r.email) ELSE r.email END AS email
         FROM subscription_requests q JOIN subscriptions s ON s.id = q.subscription_id
         JOIN subscribers r ON r.id = s.subscriber_id WHERE q.id = $1`,
);

const LOCK_REQUEST = statement<{ subscription_id: string; order: SubscriptionOrder }>(
  "requests.lockRequest",
  { subscription_id: "text", order: "json" },
  `UPDATE subscription_requests SET confirmed_at = $2, confirmed_from = $3 WHERE id = $1 AND confirmed_at IS NULL
           RETURNING subscription_id, "order"`,
);

/** What is asked for at the form, and what becomes of it when its mail is answered. */
export function requestStore({ query, transaction, throttleKey, deliveryId }: Connection) {
  return {
    /**
     * Keeps what was asked for and plans the mail that asks to confirm it. Neither the subscription nor any other request
     * changes: whoever types somebody else's address changes nothing for them, before they confirm or after.
     *
     * @param from IP address it came from: evidence of consent.
     * @returns the request's id, and the confirmation's delivery id.
     */
    request: (
      address: ReaderAddress,
      order: SubscriptionOrder,
      now: Date,
      from: string | null = null,
    ): Promise<{ requestId: string; deliveryId: string }> =>
      transaction((inside) => addRequest(inside, deliveryId, address, order, now, from)),

    /**
     * The same for who may be anybody: a mailbox gets one such mail in 24 hours, whoever asks how often, until it confirms.
     * What is asked for beyond that is not kept, for no mail could confirm it.
     *
     * @returns the confirmation's delivery id; null when no mail is to go out.
     */
    requestLimited: (
      address: ReaderAddress,
      order: SubscriptionOrder,
      now: Date,
      from: string | null,
    ): Promise<string | null> =>
      transaction(async (inside) => {
        const who = mailboxKey(address.address);
        if (!(await countAgainst(inside, throttleKey, FORM_LIMITS.confirmationsToMailbox, who, now)))
          return null;
        return (await addRequest(inside, deliveryId, address, order, now, from)).deliveryId;
      }),

    /** Keeps what an operator orders for a reader who has agreed already: no mail asks them. To be confirmed by its id. */
    requestSilently: async (
      address: ReaderAddress,
      order: SubscriptionOrder,
      now: Date,
    ): Promise<{ requestId: string; deliveryId: null }> => {
      const { requestId } = await transaction((inside) => keepRequest(inside, address, order, now, null));
      return { requestId, deliveryId: null };
    },

    /** The request a confirmation link names; null when the reader has been erased since. */
    findRequest: async (id: string): Promise<RequestView | null> => {
      const [row] = await query(FIND_REQUEST, [id]);
      return row ?? null;
    },

    /**
     * Makes a request the subscription's order. Confirming it again changes nothing.
     * @returns the subscription's id; null when there is no such request.
     */
    confirm: (requestId: string, now: Date, from: string | null = null): Promise<string | null> =>
      transaction(async (inside) => {
        const [request] = await inside(LOCK_REQUEST, [requestId, now, from]);
        if (request === undefined) return alreadyConfirmed(inside, requestId);
        const { subscription_id: id, order } = request;
        await takeAddress(inside, requestId);
        await applyOrder(inside, id, order, now);
        await activate(inside, id, now);
        await forget(
          inside,
          throttleKey,
          FORM_LIMITS.confirmationsToMailbox.name,
          mailboxKey(await addressOfReader(inside, id)),
        );
        return id;
      }),
  };
}

async function addRequest(
  query: Query,
  idOf: DeliveryId,
  address: ReaderAddress,
  order: SubscriptionOrder,
  now: Date,
  from: string | null,
): Promise<{ requestId: string; deliveryId: string }> {
  const { requestId, subscriptionId } = await keepRequest(query, address, order, now, from);
  const deliveryId = idOf(subscriptionId, "confirmation", requestId);
  await query(
    "INSERT INTO deliveries (id, subscription_id, kind, edition, planned_at) VALUES ($1, $2, 'confirmation', $3, $4)",
    [deliveryId, subscriptionId, requestId, now],
  );
  return { requestId, deliveryId };
}

async function keepRequest(
  query: Query,
  address: ReaderAddress,
  order: SubscriptionOrder,
  now: Date,
  from: string | null,
): Promise<{ requestId: string; subscriptionId: string }> {
  const subscriptionId = await useSubscription(query, address);
  const requestId = randomUUID();
  await query(
    `INSERT INTO subscription_requests (id, subscription_id, email, "order", created_at, requested_from)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [requestId, subscriptionId, address.address, JSON.stringify(order), now, from],
  );
  return { requestId, subscriptionId };
}

/**
 * The first confirmation says how the address is written. Later ones do not: their mails go to the address that is known, since
 * what looks like another spelling of the mailbox might be somebody else's.
 */
async function takeAddress(query: Query, requestId: string): Promise<void> {
  await query(
    `UPDATE subscribers r SET email = q.email FROM subscription_requests q JOIN subscriptions s ON s.id = q.subscription_id
     WHERE q.id = $1 AND r.id = s.subscriber_id AND s.confirmed_at IS NULL AND q.email IS NOT NULL`,
    [requestId],
  );
}

const ALREADY_CONFIRMED = statement<{ subscription_id: string }>(
  "requests.alreadyConfirmed",
  { subscription_id: "text" },
  "SELECT subscription_id FROM subscription_requests WHERE id = $1",
);

async function alreadyConfirmed(query: Query, requestId: string): Promise<string | null> {
  const [row] = await query(ALREADY_CONFIRMED, [requestId]);
  return row?.subscription_id ?? null;
}
