import {
  composeEdition,
  type Edition,
  editionPapers,
  isTooLate,
  lateNotes,
  MAX_LATENESS_MS,
  newestDueEdition,
  nextEdition,
  rankTrending,
  replacementSection,
  type SourceReader,
  type TopicMatches,
  TRENDING_WINDOW_MS,
  trendingReason,
} from "@paperboy/core";
import type { DueSubscription, PaperRevision, PlannedEdition, Store, TrendingCandidate } from "@paperboy/db";

/** What planning asks of the store. */
export interface PlanStore {
  readonly planPage: Store["planPage"];
  readonly mendSchedules: Store["mendSchedules"];
  readonly markers: Pick<Store["markers"], "move">;
  readonly papers: Pick<Store["papers"], "trendingCandidates" | "seqAt" | "revisionsSince">;
  readonly sources: Pick<Store["sources"], "health">;
}

/** What planning asks of the in-memory index of announced papers. */
export interface TopicMatcher {
  /** Lets papers announced since the last call join. */
  refresh(): Promise<void>;
  readonly highestSeq: number;
  /** Matches above a seq, best first; none for a query that does not parse any more. */
  matchesAbove(query: string, seq: number): readonly number[];
  /** Which of these papers match, new or not. */
  matchesAmong(query: string, ids: readonly number[]): readonly number[];
  /** Whether a paper may be mailed as new. */
  isMailable(paperId: number): boolean;
  seqOf(paperId: number): number;
  why(query: string, paperId: number): readonly string[];
}

export interface PlanOutcome {
  readonly planned: number;
  readonly skipped: number;
  readonly deliveryIds: readonly string[];
}

/** New versions older than this are no news. */
const REVISIONS_MS = 7 * 24 * 60 * 60 * 1000;

const PAGE_SIZE = 500;
/** How long a match waits for room in an edition. After that only the link of its topic leads to it. */
const CARRIED_MS = 30 * 24 * 60 * 60 * 1000;

export interface PlanOptions {
  /** An edition whose hour is longer ago is left out, and the next one brings its papers; three days when absent. */
  readonly maxLatenessMs?: number;
  /** Called with each page's deliveries as soon as they are committed. */
  readonly planned?: (deliveryIds: readonly string[]) => Promise<void>;
}

/**
 * Plans every edition that is due at `now`: one delivery per subscription and local date, with its list of
 * papers frozen, or `skipped` when there is nothing new. Any number of planners may run at once.
 */
export async function plan(
  store: PlanStore,
  index: TopicMatcher,
  now: Date,
  { maxLatenessMs = MAX_LATENESS_MS, planned = async () => {} }: PlanOptions = {},
): Promise<PlanOutcome> {
  await mendAfterClockWasSetBack(store, now);
  await index.refresh();
  const upTo = index.highestSeq;
  const since = new Date(now.getTime() - TRENDING_WINDOW_MS);
  const trending = rankCandidates(await store.papers.trendingCandidates(since, now), upTo, now);
  const seenFromSeq = Math.min(...trending.map(({ seq }) => seq), upTo + 1);
  const carriedFrom = await store.papers.seqAt(new Date(now.getTime() - CARRIED_MS));
  const revisions = await store.papers.revisionsSince(new Date(now.getTime() - REVISIONS_MS));
  const day = {
    trending,
    revisions,
    notesFor: lateNotes(await store.sources.health(now), now),
    upTo,
    carriedFrom,
  };
  const decide = (due: readonly DueSubscription[]) =>
    due.map((subscription) => decideEdition(subscription, index, day, now, maxLatenessMs));
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

/** Clocks of several machines differ by seconds; hours are a clock that was wrong. */
const SET_BACK_MS = 6 * 60 * 60 * 1000;

async function mendAfterClockWasSetBack(store: PlanStore, now: Date): Promise<void> {
  const before = await store.markers.move("planned", now);
  if (before !== null && before.getTime() - now.getTime() > SET_BACK_MS) await store.mendSchedules(now);
}

interface RankedTrending {
  readonly id: number;
  readonly seq: number;
  readonly reason: string | null;
}

function rankCandidates(candidates: readonly TrendingCandidate[], upTo: number, now: Date): RankedTrending[] {
  const known = candidates
    .filter(({ paper }) => paper.seq !== null && paper.seq <= upTo)
    .map(({ id, paper, signals }) => ({
      id,
      seq: paper.seq as number,
      signals,
      reason: trendingReason(signals),
    }));
  return rankTrending(known, now);
}

/** What all editions of one planning share. */
interface Day {
  readonly trending: readonly RankedTrending[];
  readonly revisions: readonly PaperRevision[];
  /** Lines for the footer of a reader's edition. */
  readonly notesFor: (reader: SourceReader) => readonly string[];
  /** The newest announced. */
  readonly upTo: number;
  /** Matches up to here have waited long enough. */
  readonly carriedFrom: number;
}

function decideEdition(
  due: DueSubscription,
  index: TopicMatcher,
  day: Day,
  now: Date,
  maxLatenessMs: number,
): PlannedEdition {
  const edition = newestDueEdition(due, { date: due.nextDate, dueAt: due.nextDueAt }, now);
  if (isTooLate(edition.dueAt, now, maxLatenessMs)) return leftOut(due, edition, now);
  const topics = topicsWithMatches(due, index);
  const sections = composeEdition({
    topics,
    trending: due.trending ? trendingFor(due, topics, index, day.trending) : null,
    maxPapers: due.maxPapers,
    why: index.why,
  });
  sections.push(...replacementSection(revisionsFor(due, index, day.revisions)));
  const paperIds = editionPapers(sections);
  const next = nextEdition(due, now, edition.date);
  const hasMail = sections.length > 0 || due.noteWhenEmpty;
  return {
    subscriptionId: due.id,
    date: edition.date,
    status: hasMail ? "pending" : "skipped",
    reason: hasMail ? null : "nothing new for this reader",
    paperIds,
    sections,
    toSeq: day.upTo,
    watermark: watermarkAfter(topics, new Set(paperIds), index, day),
    revisionWatermark: day.revisions.at(-1)?.id ?? 0,
    notes: day.notesFor(due),
    nextDueAt: next.dueAt,
    nextDate: next.date,
  };
}

/** An edition that nobody wants any more: nothing is considered, so that the next one brings everything. */
function leftOut(due: DueSubscription, { date }: Edition, now: Date): PlannedEdition {
  const next = nextEdition(due, now, date);
  return {
    subscriptionId: due.id,
    date,
    status: "skipped",
    reason: "too late: its papers come with the next edition",
    paperIds: [],
    sections: [],
    toSeq: due.consideredUpTo,
    watermark: due.watermark,
    nextDueAt: next.dueAt,
    nextDate: next.date,
  };
}

/** The day's trending papers the reader has not had, and behind them those that an edition owes him which did not go out. */
function trendingFor(
  due: DueSubscription,
  topics: readonly TopicMatches[],
  index: TopicMatcher,
  trending: readonly RankedTrending[],
): { readonly id: number; readonly reason: string | null }[] {
  const seen = new Set(due.seen);
  const fresh = trending.filter(({ id }) => !seen.has(id));
  const known = new Set([...fresh.map(({ id }) => id), ...topics.flatMap(({ paperIds }) => paperIds)]);
  const owed = due.owed.filter((id) => !known.has(id) && index.isMailable(id));
  return [...fresh, ...owed.map((id) => ({ id, reason: null }))];
}

/** New versions of papers that a topic of the reader matches, since his last edition. */
function revisionsFor(
  due: DueSubscription,
  index: TopicMatcher,
  revisions: readonly PaperRevision[],
): PaperRevision[] {
  const fresh = due.replacements ? revisions.filter(({ id }) => id > due.revisionWatermark) : [];
  const ids = fresh.map(({ paperId }) => paperId);
  const wanted = new Set(due.topics.flatMap(({ query }) => index.matchesAmong(query, ids)));
  return fresh.filter(({ paperId }) => wanted.has(paperId));
}

/** What is new stands before what earlier editions owe or had no room for; each best first. */
function topicsWithMatches(due: DueSubscription, index: TopicMatcher): TopicMatches[] {
  const seen = new Set(due.seen);
  const owed = due.owed.filter(index.isMailable);
  return due.topics.map(({ name, query }) => {
    const above = index.matchesAbove(query, due.watermark).filter((id) => !seen.has(id));
    const matches = [...new Set([...above, ...index.matchesAmong(query, owed)])];
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
  { upTo, carriedFrom }: Pick<Day, "upTo" | "carriedFrom">,
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
