import { DELIVERY_STATUSES, type DeliveryStatus } from "@paperboy/core";
import type { SourceView, Store } from "@paperboy/db";

type Counts = Partial<Record<DeliveryStatus, number>>;

/** What there is, as one JSON object. */
export interface Status {
  readonly papers: number;
  readonly subscriptions: Readonly<Record<string, number>>;
  readonly deliveries: Readonly<Record<DeliveryStatus, number>>;
  readonly confirmations: Counts;
  readonly sources: readonly SourceView[];
}

export async function readStatus(store: Store): Promise<Status> {
  const [papers, subscriptions, deliveries, confirmations, sources] = await Promise.all([
    store.papers.count(),
    store.subscriptions.counts(),
    store.deliveries.counts("digest"),
    store.deliveries.counts("confirmation"),
    store.sources.list(),
  ]);
  return { papers, subscriptions, deliveries: withZeros(deliveries), confirmations, sources };
}

function withZeros(counts: Counts): Record<DeliveryStatus, number> {
  const zeros = Object.fromEntries(DELIVERY_STATUSES.map((status) => [status, 0])) as Record<
    DeliveryStatus,
    number
  >;
  return { ...zeros, ...counts };
}

/** The same for people. */
export function formatStatus(status: Status): string {
  const counts = (of: object) =>
    Object.entries(of)
      .filter(([, n]) => n > 0)
      .map(([name, n]) => `${n} ${name}`)
      .join(", ") || "none";
  return [
    `papers         ${status.papers}`,
    `subscriptions  ${counts(status.subscriptions)}`,
    `digests        ${counts(status.deliveries)}`,
    `confirmations  ${counts(status.confirmations)}`,
    ...status.sources.map(
      (source) => `source         ${source.name} (${source.kind}): ${source.papers} papers`,
    ),
  ].join("\n");
}
