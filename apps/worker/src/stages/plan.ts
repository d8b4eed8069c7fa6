import {
  composeEdition,
  editionPapers,
  newestDueEdition,
  nextEdition,
  rankTrending,
  type TopicMatches,
  TRENDING_WINDOW_MS,
  trendingReason,
} from "@paperboy/core";
import type { DueSubscription, PlannedEdition, Store, TrendingCandidate } from "@paperboy/db";

/** What planning asks of the store. */
export interface PlanStore {
  readonly planPage: Store["planPage"];
  readonly papers: Pick<Store["papers"], "trendingCandidates" | "seqAt">;
}

/** What planning asks of the in-memory index of announced papers. */
export interface TopicMatcher {
  /** Lets papers announced since the last call join. */
  refresh(): Promise<void>;
  readonly highestSeq: number;
  /** Matches above a seq, best first; none for a query that does not parse any more. */
  matchesAbove(query: string, seq: number): readonly number[];
  seqOf(paperId: number): number;
  why(query: string, paperId: number): readonly string[];
}

export interface PlanOutcome {
  readonly planned: number;
  readonly skipped: number;
  readonly deliveryIds: readonly string[];
}

const PAGE_SIZE = 500;
/** How long a match waits for room in an edition. After that only the link of its topic leads to it. */
const CARRIED_MS = 30 * 24 * 60 * 60 * 1000;

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
  const carriedFrom = await store.papers.seqAt(new Date(now.getTime() - CARRIED_MS));
  const decide = (due: readonly DueSubscription[]) =>
    due.map((subscription) => decideEdition(subscription, index, trending, { upTo, carriedFrom }, now));
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

interface Seqs {
  /** The newest announced. */
  readonly upTo: number;
  /** Matches up to here have waited long enough. */
  readonly carriedFrom: number;
}

function decideEdition(
  due: DueSubscription,
  index: TopicMatcher,
  trending: readonly RankedTrending[],
  seqs: Seqs,
  now: Date,
): PlannedEdition {
  const edition = newestDueEdition(due, { date: due.nextDate, dueAt: due.nextDueAt }, now);
  const topics = topicsWithMatches(due, index);
  const seen = new Set(due.seen);
  const sections = composeEdition({
    topics,
    trending: due.trending ? trending.filter(({ id }) => !seen.has(id)) : null,
    maxPapers: due.maxPapers,
    why: index.why,
  });
  const paperIds = editionPapers(sections);
  const next = nextEdition(due, now, edition.date);
  return {
    subscriptionId: due.id,
    date: edition.date,
    status: sections.length > 0 ? "pending" : "skipped",
    paperIds,
    sections,
    toSeq: seqs.upTo,
    watermark: watermarkAfter(topics, new Set(paperIds), index, seqs),
    nextDueAt: next.dueAt,
    nextDate: next.date,
  };
}

/** What is new stands before what earlier editions had no room for; each best first. */
function topicsWithMatches(due: DueSubscription, index: TopicMatcher): TopicMatches[] {
  const seen = new Set(due.seen);
  return due.topics.map(({ name, query }) => {
    const matches = index.matchesAbove(query, due.watermark).filter((id) => !seen.has(id));
    const isNew = (id: number) => index.seqOf(id) > due.consideredUpTo;
    const paperIds = [...matches.filter(isNew), ...matches.filter((id) => !isNew(id))];
    return { name, query, paperIds };
  });
}

/** Just below the oldest match that found no room, so that it comes with a later edition. */
function watermarkAfter(
  topics: readonly TopicMatches[],
  brought: ReadonlySet<number>,
  index: TopicMatcher,
  { upTo, carriedFrom }: Seqs,
): number {
  let watermark = upTo;
  for (const { paperIds } of topics) {
    for (const id of paperIds) {
      const seq = index.seqOf(id);
      if (!brought.has(id) && seq > carriedFrom) watermark = Math.min(watermark, seq - 1);
    }
  }
  return watermark;
}
