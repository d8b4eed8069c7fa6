import { localDate, type SubscriptionOrder } from "@paperboy/core";
import type { SubscriptionView } from "@paperboy/db";
import type { ApiContext } from "./context.ts";
import { Problem } from "./http/problem.ts";

export const noSubscription = () => new Problem(404, "There is no such subscription.");

/** Keeps what was asked for and lets the mail go out that asks to confirm it. */
export async function subscribe(
  { store, hint, now }: ApiContext,
  address: { readonly address: string; readonly key: string },
  order: SubscriptionOrder,
): Promise<void> {
  const { deliveryId } = await store.subscriptions.request(address, order, now());
  await hint("deliver", { deliveryIds: [deliveryId] });
}

/** @throws Problem 404 when the reader has been erased. */
export async function findSubscription({ store }: ApiContext, id: string): Promise<SubscriptionView> {
  const found = await store.subscriptions.find(id);
  if (found === null) throw noSubscription();
  return found;
}

/** Makes a request the reader's order. @throws Problem 404 when the reader has been erased. */
export async function confirm(context: ApiContext, requestId: string): Promise<SubscriptionView> {
  const id = await context.store.subscriptions.confirm(requestId, context.now());
  if (id === null) throw noSubscription();
  return findSubscription(context, id);
}

/** Takes an unsubscribing back; nothing else can be resumed. */
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
