import { domainOf, FORM_LIMITS, localDate, ordersForDomain, type SubscriptionOrder } from "@paperboy/core";
import type { SubscriptionView } from "@paperboy/db";
import type { ApiContext } from "./context.ts";
import { Problem } from "./http/problem.ts";
import type { Visitor } from "./http/visitor.ts";

export const noSubscription = () => new Problem(404, "There is no such subscription.");

/** @throws QueryTooBroad when a topic would cost more at every planning than a query may. */
export function requireAffordable(library: ApiContext["library"], { topics }: SubscriptionOrder): void {
  for (const { query } of topics) library.requireAffordable(query);
}

/** Keeps what was asked for and lets the mail go out that asks to confirm it. */
export async function subscribe(
  { store, config, hint, now, library }: ApiContext,
  address: { readonly address: string; readonly key: string },
  order: SubscriptionOrder,
  visitor: Visitor,
): Promise<void> {
  requireAffordable(library, order);
  if (
    !visitor.isThisMachine &&
    !(await store.throttles.count(FORM_LIMITS.ordersOfVisitor, visitor.network, now()))
  ) {
    throw new Problem(429, "Too many orders came from your network within an hour. Please try again later.");
  }
  const domain = domainOf(address.key);
  if (!(await store.throttles.count(ordersForDomain(domain, config.limits), domain, now()))) {
    throw new Problem(
      429,
      "Too many orders came for addresses of this domain within an hour. Please try again later.",
    );
  }
  if (!(await store.throttles.count(FORM_LIMITS.orders, "all", now()))) {
    throw new Problem(429, "Too many orders come in at the moment. Please try again in an hour.");
  }
  const deliveryId = await store.subscriptions.requestLimited(address, order, now(), visitor.address);
  if (deliveryId !== null) await hint("deliver", { deliveryIds: [deliveryId] });
}

/** Mails a new link to the page of an address's reader, if there is one; whoever asks learns nothing. */
export async function mailNewLink(
  { store, hint, now }: ApiContext,
  address: string,
  visitor: Visitor,
): Promise<void> {
  const isFree = visitor.isThisMachine;
  if (!isFree && !(await store.throttles.count(FORM_LIMITS.linksOfVisitor, visitor.network, now()))) {
    throw new Problem(
      429,
      "Too many links were asked for from your network within an hour. Please try again later.",
    );
  }
  const deliveryId = await store.subscriptions.requestLink(address, now());
  if (deliveryId !== null) await hint("deliver", { deliveryIds: [deliveryId] });
}

/** Forgets a reader, and the mails to them that the local inbox keeps; false when there is none. */
export async function eraseReader({ store, mailbox }: ApiContext, id: string): Promise<boolean> {
  const addresses = await store.subscriptions.erase(id);
  for (const address of addresses ?? []) await mailbox?.erase(address);
  return addresses !== null;
}

/** @throws Problem 404 when the reader has been erased. */
export async function findSubscription({ store }: ApiContext, id: string): Promise<SubscriptionView> {
  const found = await store.subscriptions.find(id);
  if (found === null) throw noSubscription();
  return found;
}

/** Makes a request the reader's order. @throws Problem 404 when the reader has been erased. */
export async function confirm(
  context: ApiContext,
  requestId: string,
  from: string | null,
): Promise<SubscriptionView> {
  const id = await context.store.subscriptions.confirm(requestId, context.now(), from);
  if (id === null) throw noSubscription();
  return findSubscription(context, id);
}

/** Undoes an unsubscribing; nothing else can be resumed. */
export async function resume(context: ApiContext, id: string): Promise<void> {
  const { status } = await findSubscription(context, id);
  if (status === "unsubscribed") await context.store.subscriptions.resume(id, context.now());
}

/** Makes today's digest due now; false when it has gone out, or been found empty, already. */
export async function sendNow(context: ApiContext, id: string): Promise<boolean> {
  const { order } = await findSubscription(context, id);
  const now = context.now();
  const advanced = await context.store.subscriptions.advance(id, localDate(now, order.timezone), now);
  if (advanced) await context.hint("plan", {});
  return advanced;
}
