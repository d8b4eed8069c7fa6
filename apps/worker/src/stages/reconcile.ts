import { announcementDayUpTo } from "@paperboy/core";
import type { ClaimedSource } from "@paperboy/db";
import { type DaySpan, parseSourceSettings, placesOf, type ReaderPorts, scopeOf } from "@paperboy/sources";
import { compareAndFill, type ReconcileStore } from "./fill-gaps.ts";
import { claimSource } from "./read-source.ts";
import {
  askedDays,
  type Compared,
  type ComparedSpan,
  dayRows,
  nextComparison,
  openDays,
} from "./reconcile-days.ts";
import { dateOf } from "./source-days.ts";

/** What comparing one source with arXiv came to. */
export interface ReconcileReport {
  readonly source: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly days: readonly ReconciledDay[];
  /** Papers that were announced and had not come. */
  readonly gaps: number;
  readonly filled: number;
  /** Ids that no service gives. */
  readonly missing: readonly string[];
  readonly faults: readonly string[];
  readonly complete: boolean;
}

export interface ReconciledDay {
  readonly day: string;
  readonly category: string;
  readonly announced: number;
  readonly filled: readonly string[];
  readonly missing: readonly string[];
}

export interface ReconcileOptions {
  /** The named source, due or not; one that is due when absent. */
  readonly name?: string;
  /** Announcement days that are compared whether they are over or not. */
  readonly span?: DaySpan;
}

type Ports = Omit<ReaderPorts, "now">;

/** A source that does not read arXiv has no announcement days. */
export class NothingToReconcile extends Error {
  override readonly name = "NothingToReconcile";
}

/**
 * Compares what arXiv's feeds, OAI-PMH server and API say was announced with what we hold, for one source and its days that
 * are not over, and ingests what is missing from whichever has it: readers get it with their next edition. Null when no
 * source is due, or another process asks arXiv now.
 *
 * @throws {NothingToReconcile} for a named source that is of another kind.
 */
export async function reconcileNext(
  store: ReconcileStore,
  ports: Ports,
  now: () => Date,
  options: ReconcileOptions = {},
): Promise<ReconcileReport | null> {
  const { name } = options;
  const claimed = await claimSource(store, ports, now, {
    ...(name !== undefined && { name }),
    to: "reconcile",
  });
  if (claimed === null) return null;
  let restSeconds = 0;
  try {
    const { report, retryAt } = await reconcile(store, ports, claimed, now(), options);
    restSeconds = retryAt === null ? 0 : Math.max(0, (retryAt.getTime() - now().getTime()) / 1000);
    return report;
  } finally {
    await store.sources.release(claimed.id, restSeconds);
  }
}

async function reconcile(
  store: ReconcileStore,
  ports: Ports,
  source: ClaimedSource,
  now: Date,
  { span }: ReconcileOptions,
): Promise<{ report: ReconcileReport; retryAt: Date | null }> {
  const settings = parseSourceSettings({ kind: source.kind, ...source.config });
  const scope = scopeOf(settings);
  if (scope === null)
    throw new NothingToReconcile(`'${source.name}' does not read arXiv: there is nothing to compare`);
  const known = await store.sources.knownDays(source.id, lookBackFor(span, now));
  const open = span === undefined ? openDays(scope, known, source.watchedSince, now) : askedDays(span, now);
  if (open === null) {
    await store.sources.finishReconcile(source.id, [], now, nextComparison(null, true, now));
    return { report: nothingOpen(source.name), retryAt: null };
  }
  const work = { store, ports: { ...ports, now }, source, scope, open, known };
  const places = placesOf(settings, scope.categories, ports.arxiv);
  const { compared, retryAt } = await compareAndFill(work, places);
  const rows = dayRows(scope, open, compared, now);
  await store.sources.finishReconcile(source.id, rows, now, nextComparison(retryAt, compared.complete, now));
  return { report: reportOf(source.name, open, rows, compared), retryAt };
}

/** Ids are known to be of a day a month before the span at most. */
const lookBackFor = (span: DaySpan | undefined, now: Date): string => {
  const from = span === undefined ? now : new Date(`${span.from}T00:00:00Z`);
  return announcementDayUpTo(dateOf(new Date(from.getTime() - 62 * 86_400_000)));
};

const nothingOpen = (source: string): ReconcileReport => ({
  source,
  from: null,
  to: null,
  days: [],
  gaps: 0,
  filled: 0,
  missing: [],
  faults: [],
  complete: true,
});

function reportOf(
  source: string,
  { from, to }: ComparedSpan,
  rows: readonly {
    day: string;
    category: string;
    announced: readonly string[];
    filled: readonly string[];
    missing: readonly string[];
  }[],
  { filled, missing, faults, complete }: Compared,
): ReconcileReport {
  const days = rows.map(({ day, category, announced, filled: came, missing: lost }) => {
    return { day, category, announced: announced.length, filled: came, missing: lost };
  });
  const gaps = filled.size + missing.size;
  return {
    source,
    from,
    to,
    days,
    gaps,
    filled: filled.size,
    missing: [...missing].sort(),
    faults,
    complete,
  };
}
