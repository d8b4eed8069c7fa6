import type { PaperDraft, SubscriptionOrder } from "@paperboy/core";
import type { Store } from "@paperboy/db";

/** Papers of a made-up source that the topic `gate` matches. */
export function gatePapers(count: number, from = 0): PaperDraft[] {
  return Array.from({ length: count }, (_, index) => {
    const n = from + index;
    return {
      externalId: `gate-${n}`,
      title: `Gated recurrence, part ${n}`,
      abstract: `We study how a gate number ${n} forgets. It forgets well.`,
      authors: [`Author${n} Writer`],
      upvotes: n,
    };
  });
}

export const GATE_ORDER: SubscriptionOrder = {
  topics: [{ name: "Gates", query: "gate" }],
  trending: false,
  cadence: "daily",
  weekday: 1,
  localMinute: 7 * 60,
  timezone: "UTC",
  maxPapers: 20,
};

/** Subscribes and confirms readers `reader0@…` and on; nothing is left to be mailed for it. */
export async function addReaders(
  store: Store,
  count: number,
  confirmedAt: Date,
  order = GATE_ORDER,
): Promise<string[]> {
  const add = async (n: number) => {
    const address = `reader${n}@example.org`;
    const { requestId } = await store.subscriptions.request({ address, key: address }, order, confirmedAt);
    return (await store.subscriptions.confirm(requestId, confirmedAt)) as string;
  };
  const ids: string[] = [];
  while (ids.length < count) {
    const several = Array.from({ length: Math.min(8, count - ids.length) }, (_, k) => add(ids.length + k));
    ids.push(...(await Promise.all(several)));
  }
  return ids;
}

/** Ingests drafts and announces them. */
export async function publish(store: Store, drafts: readonly PaperDraft[], at: Date): Promise<void> {
  await store.ingest({ name: "test", kind: "file" }, drafts, at);
  await store.papers.announce(at);
}
