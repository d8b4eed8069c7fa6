import type { Store, SubscriptionView } from "@paperboy/db";

/** All subscriptions as JSON lines, which `importSubscribers` reads. */
export async function exportSubscribers(store: Store): Promise<{ lines: string; exported: number }> {
  const all = await store.subscriptions.list(Number.MAX_SAFE_INTEGER);
  return { lines: all.map((each) => `${JSON.stringify(toLine(each))}\n`).join(""), exported: all.length };
}

function toLine({ email, status, order, confirmedAt, unsubscribedAt, pausedUntil }: SubscriptionView) {
  return { email, status, ...order, confirmedAt, unsubscribedAt, pausedUntil };
}
