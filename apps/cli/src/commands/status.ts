import {
  type CategoryHealth,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  type JudgedHealth,
  judgeSource,
  RELAY,
} from "@paperboy/core";
import type { DestinationView, SourceView, Store } from "@paperboy/db";

type Counts = Partial<Record<DeliveryStatus, number>>;

/** What there is, as one JSON object. */
export interface Status {
  readonly papers: number;
  readonly subscriptions: Readonly<Record<string, number>>;
  readonly deliveries: Readonly<Record<DeliveryStatus, number>>;
  readonly confirmations: Counts;
  readonly sources: readonly SourceStatus[];
  /** What is paused or slowed down of sending. */
  readonly streams: readonly DestinationView[];
}

/** A source and how it does. */
export interface SourceStatus extends Omit<SourceView, "runs" | "days" | "config"> {
  readonly health: JudgedHealth;
}

/** All sources, each judged by its runs. */
export async function readSources(store: Pick<Store, "sources">, now: Date): Promise<SourceStatus[]> {
  const sources = await store.sources.list(now);
  return sources.map(({ runs, days, config: _config, ...source }) => ({
    ...source,
    health: judgeSource({ ...source, runs, days, now }),
  }));
}

export async function readStatus(store: Store, now: Date): Promise<Status> {
  const [papers, subscriptions, deliveries, confirmations, sources, destinations] = await Promise.all([
    store.papers.count(),
    store.subscriptions.counts(),
    store.deliveries.counts("digest"),
    store.deliveries.counts("confirmation"),
    readSources(store, now),
    store.destinations.list(now),
  ]);
  return {
    papers,
    subscriptions,
    deliveries: withZeros(deliveries),
    confirmations,
    sources,
    streams: destinations,
  };
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
    ...status.streams.map((destination) => `sending        ${formatDestination(destination)}`),
    ...status.sources.flatMap((source) => [
      `source         ${formatSource(source)}`,
      ...source.health.categories.map((category) => `  ${formatCategory(category)}`),
    ]),
  ].join("\n");
}

/** `arxiv (arxiv-rss): 312 papers, ok: 312 new` */
export const formatSource = ({ name, kind, papers, quarantined, health }: SourceStatus): string =>
  `${name} (${kind}): ${papers} papers${quarantined > 0 ? `, ${quarantined} quarantined` : ""}, ${health.state}: ${health.says}`;

/** `cs.LG on 2026-11-24: repeated: the papers of an earlier day came again, 52 fetched another way` */
export const formatCategory = ({ category, day, state, says }: CategoryHealth): string =>
  `${category} on ${day}: ${state}: ${says}`;

/** `the relay: paused until 2026-11-24T07:05:00.000Z: the relay refuses us: 535 …` */
export function formatDestination({ key, pausedUntil, gapMs, reason }: DestinationView): string {
  const name = key === RELAY ? "the relay" : key;
  const how =
    pausedUntil !== null
      ? `paused until ${pausedUntil.toISOString()}`
      : gapMs > 0
        ? `one mail every ${gapMs / 1000} s`
        : "in use again";
  return `${name}: ${how}${reason === null ? "" : `: ${reason}`}`;
}
