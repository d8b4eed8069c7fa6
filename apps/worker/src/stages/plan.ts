import {
  composeEdition,
  editionPapers,
  type FrozenSection,
  newestDueEdition,
  nextEdition,
  rankTrending,
  TRENDING_WINDOW_MS,
  trendingReason,
} from "@paperboy/core";
import type { DueSubscription, PlannedEdition, Store, TrendingCandidate } from "@paperboy/db";

/** What planning asks of the store. */
export interface PlanStore {
  readonly planPage: Store["planPage"];
  readonly papers: Pick<Store["papers"], "trendingCandidates">;
}

/** What planning asks of the in-memory index of announced papers. */
export interface TopicMatcher {
  /** Lets papers announced since the last call join. */
  refresh(): Promise<void>;
  readonly highestSeq: number;
  /** Matches above a seq, best first; none for a query that does not parse any more. */
  matchesAbove(query: string, seq: number): readonly number[];
  why(query: string, paperId: number): readonly string[];
}

export interface PlanOutcome {
  readonly planned: number;
  readonly skipped: number;
  readonly deliveryIds: readonly string[];
}

const PAGE_SIZE = 500;

/**
 * Plans every edition that is due at `now`: one delivery per subscription and local date, with its list of
 * papers frozen, or `skipped` when there is nothing new. Any number of planners may run at once.
 *
 * @param planned called with each page's deliveries as soon as they are committed.
 */
export async function plan(
  store: PlanStore,
  index: TopicMatcher,
  now: Date,
  planned: (deliveryIds: readonly string[]) => Promise<void> = async () => {},
): Promise<PlanOutcome> {
  await index.refresh();
  const upTo = index.highestSeq;
  const since = new Date(now.getTime() - TRENDING_WINDOW_MS);
  const trending = rankCandidates(await store.papers.trendingCandidates(since, now), upTo, now);
  const seenFromSeq = Math.min(...trending.map(({ seq }) => seq), upTo + 1);
  const decide = (due: readonly DueSubscription[]) =>
    due.map((subscription) => decideEdition(subscription, index, trending, upTo, now));
  const deliveryIds: string[] = [];
  let skipped = 0;
  for (;;) {
    const page = await store.planPage({ now, limit: PAGE_SIZE, seenFromSeq }, decide);
    if (page.due === 0) return { planned: deliveryIds.length, skipped, deliveryIds };
    skipped += page.skipped;
    deliveryIds.push(...page.pending);
    if (page.pending.length > 0) await planned(page.pending);
  }
}

interface RankedTrending {
  readonly id: number;
  readonly seq: number;
  readonly reason: string | null;
}

function rankCandidates(candidates: readonly TrendingCandidate[], upTo: number, now: Date): RankedTrending[] {
  const known = candidates
    .filter(({ paper }) => paper.seq !== null && paper.seq <= upTo)
    .map(({ paper, firstSeenAt, upvotesBefore }) => {
      const signals = { upvotes: paper.upvotes, upvotesBefore, firstSeenAt };
      return { id: paper.id, seq: paper.seq as number, signals, reason: trendingReason(signals) };
    });
  return rankTrending(known, now);
}

function decideEdition(
  due: DueSubscription,
  index: TopicMatcher,
  trending: readonly RankedTrending[],
  upTo: number,
  now: Date,
): PlannedEdition {
  const edition = newestDueEdition(due, { date: due.nextDate, dueAt: due.nextDueAt }, now);
  const sections = sectionsFor(due, index, trending);
  const next = nextEdition(due, now, edition.date);
  return {
    subscriptionId: due.id,
    date: edition.date,
    status: sections.length > 0 ? "pending" : "skipped",
    paperIds: editionPapers(sections),
    sections,
    toSeq: upTo,
    nextDueAt: next.dueAt,
    nextDate: next.date,
  };
}

function sectionsFor(
  due: DueSubscription,
  index: TopicMatcher,
  trending: readonly RankedTrending[],
): FrozenSection[] {
  const seen = new Set(due.seen);
  return composeEdition({
    topics: due.topics.map(({ name, query }) => ({
      name,
      query,
      paperIds: index.matchesAbove(query, due.watermark).filter((id) => !seen.has(id)),
    })),
    trending: due.trending ? trending.filter(({ id }) => !seen.has(id)) : null,
    maxPapers: due.maxPapers,
    why: index.why,
  });
}
