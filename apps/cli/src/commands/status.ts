import { DELIVERY_STATUSES, type DeliveryStatus, judgeHealth, type SourceHealth } from "@paperboy/core";
import type { SourceView, Store } from "@paperboy/db";

type Counts = Partial<Record<DeliveryStatus, number>>;

/** What there is, as one JSON object. */
export interface Status {
  readonly papers: number;
  readonly subscriptions: Readonly<Record<string, number>>;
  readonly deliveries: Readonly<Record<DeliveryStatus, number>>;
  readonly confirmations: Counts;
  readonly sources: readonly SourceStatus[];
}

/** A source and how it does. */
export interface SourceStatus extends Omit<SourceView, "runs" | "config"> {
  readonly health: SourceHealth;
}

/** All sources, each judged by its runs. */
export async function readSources(store: Pick<Store, "sources">, now: Date): Promise<SourceStatus[]> {
  const sources = await store.sources.list();
  return sources.map(({ runs, config: _config, ...source }) => ({
    ...source,
    health: judgeHealth({ ...source, runs, now }),
  }));
}

export async function readStatus(store: Store, now: Date): Promise<Status> {
  const [papers, subscriptions, deliveries, confirmations, sources] = await Promise.all([
    store.papers.count(),
    store.subscriptions.counts(),
    store.deliveries.counts("digest"),
    store.deliveries.counts("confirmation"),
    readSources(store, now),
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
    ...status.sources.map((source) => `source         ${formatSource(source)}`),
  ].join("\n");
}

/** `arxiv (arxiv-rss): 312 papers, ok: 312 new` */
export const formatSource = ({ name, kind, papers, quarantined, health }: SourceStatus): string =>
  `${name} (${kind}): ${papers} papers${quarantined > 0 ? `, ${quarantined} quarantined` : ""}, ${health.state}: ${health.says}`;
