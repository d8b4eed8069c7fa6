import {
  DAY_MS,
  type ForYou,
  lateNotes,
  MAX_LATENESS_MS,
  rankTrending,
  TRENDING_WINDOW_MS,
  trendingReason,
} from "@paperboy/core";
import {
  type DueSubscription,
  type HeldPapers,
  inSlices,
  type PlannedEdition,
  type Store,
  type TrendingCandidate,
} from "@paperboy/db";
import {
  createDates,
  decideEdition,
  type PlanningDay,
  type RankedTrending,
  topicNeeds,
} from "./decide-edition.ts";

/** What planning asks of the store. */
export interface PlanStore {
  readonly planPage: Store["planPage"];
  readonly repairSchedules: Store["repairSchedules"];
  readonly markers: Pick<Store["markers"], "move">;
  readonly papers: Pick<Store["papers"], "trendingCandidates" | "seqAt" | "revisionsSince">;
  readonly sources: Pick<Store["sources"], "health">;
}

/** What planning asks of the in-memory index of announced papers. */
export interface TopicMatcher {
  /** Lets papers announced since the last call join. */
  refresh(): Promise<void>;
  /** The papers as they are now; whoever holds them releases them. */
  hold(): HeldPapers;
}

export interface PlanOutcome {
  readonly planned: number;
  readonly skipped: number;
  readonly deliveryIds: readonly string[];
  /** The local dates that were planned, ascending: readers of many zones share an instant, not a date. */
  readonly editions: readonly string[];
  /** Milliseconds this thread was busy finding what topics match, and ranking, composing and explaining editions. */
  readonly busyMs: { readonly match: number; readonly rank: number };
}

/** New versions older than this are no news. */
const REVISIONS_MS = 7 * DAY_MS;
/** How long a match waits for room in an edition. After that only the link of its topic leads to it. */
export const CARRIED_MS = 30 * DAY_MS;

const PAGE_SIZE = 400;
/** While the database writes one page, the next is decided. */
const PAGES_AT_ONCE = 2;

export interface PlanOptions {
  /** An edition whose hour is longer ago is left out, and the next one brings its papers; three days when absent. */
  readonly maxLatenessMs?: number;
  /** Called with each page's deliveries as soon as they are committed. */
  readonly planned?: (deliveryIds: readonly string[]) => Promise<void>;
  /** Ranks new papers by what readers marked; editions go without when it is absent or null. */
  readonly forYou?: ForYou | null;
}

/**
 * Plans every edition that is due at `now`: one delivery per subscription and local date, with its list of
 * papers frozen, or `skipped` when there is nothing new. Any number of planners may run at once.
 */
export async function plan(
  store: PlanStore,
  index: TopicMatcher,
  now: Date,
  { maxLatenessMs = MAX_LATENESS_MS, planned = async () => {}, forYou = null }: PlanOptions = {},
): Promise<PlanOutcome> {
  await repairAfterClockWasSetBack(store, now);
  await index.refresh();
  const papers = index.hold();
  try {
    const day: PlanningDay = { ...(await openDay(store, papers, now, maxLatenessMs)), forYou };
    const seenFromSeq = Math.min(...day.trending.map(({ seq }) => seq), day.upTo + 1);
    const dates = new Set<string>();
    const planPage = () =>
      store.planPage({ now, limit: PAGE_SIZE, seenFromSeq }, async (due) => {
        const editions = await decide(due, day, busyMs);
        for (const { date } of editions) dates.add(date);
        return editions;
      });
    const deliveryIds: string[] = [];
    const busyMs = { match: 0, rank: 0 };
    let skipped = 0;
    const planPages = async (): Promise<void> => {
      for (let page = await planPage(); page.due > 0; page = await planPage()) {
        skipped += page.skipped;
        deliveryIds.push(...page.pending);
        if (page.pending.length > 0) await planned(page.pending);
      }
    };
    await allSettled(Array.from({ length: PAGES_AT_ONCE }, planPages));
    return { planned: deliveryIds.length, skipped, deliveryIds, editions: [...dates].sort(), busyMs };
  } finally {
    papers.release();
  }
}

/** Waits for all, so that none still works on what is released next; then throws what one of them threw. */
async function allSettled(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

/** Clocks of several machines differ by seconds; hours are a clock that was wrong. */
const SET_BACK_MS = 6 * 60 * 60 * 1000;

async function repairAfterClockWasSetBack(store: PlanStore, now: Date): Promise<void> {
  const before = await store.markers.move("planned", now);
  if (before !== null && before.getTime() - now.getTime() > SET_BACK_MS) await store.repairSchedules(now);
}

/** What all editions of one planning share. */
async function openDay(
  store: PlanStore,
  papers: HeldPapers,
  now: Date,
  maxLatenessMs: number,
): Promise<Omit<PlanningDay, "forYou">> {
  const upTo = papers.highestSeq;
  const since = new Date(now.getTime() - TRENDING_WINDOW_MS);
  const trending = rankCandidates(await store.papers.trendingCandidates(since, now), upTo, now);
  const revisions = await store.papers.revisionsSince(new Date(now.getTime() - REVISIONS_MS));
  return {
    now,
    maxLatenessMs,
    trending,
    revisions,
    datesOf: createDates(now),
    notesFor: lateNotes(await store.sources.health(now), now),
    upTo,
    carriedFrom: await store.papers.seqAt(new Date(now.getTime() - CARRIED_MS)),
    papers: papers.matches,
    revised: papers.matchesAmong(revisions.map(({ paperId }) => paperId)),
  };
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

/** Decides a page of editions: what all their topics match first, then one edition after the other. */
async function decide(
  due: readonly DueSubscription[],
  day: PlanningDay,
  busyMs: { match: number; rank: number },
): Promise<PlannedEdition[]> {
  const needs = topicNeeds(due, day);
  const topics = await inSlices(day.papers.find(needs.topics), counting(busyMs, "match"));
  const revised = await inSlices(day.revised.find(needs.revised), counting(busyMs, "match"));
  return inSlices(decideEach(due, day, { topics, revised }), counting(busyMs, "rank"));
}

function* decideEach(
  due: readonly DueSubscription[],
  day: PlanningDay,
  matches: Parameters<typeof decideEdition>[2],
): Generator<void, PlannedEdition[]> {
  const editions: PlannedEdition[] = [];
  for (const subscription of due) {
    editions.push(decideEdition(subscription, day, matches));
    yield;
  }
  return editions;
}

/** Counts the milliseconds of one part of planning. */
const counting =
  <Part extends string>(busyMs: Record<Part, number>, part: Part) =>
  (milliseconds: number): void => {
    busyMs[part] += milliseconds;
  };
