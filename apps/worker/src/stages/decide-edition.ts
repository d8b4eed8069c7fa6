import {
  composeEdition,
  type Edition,
  editionPapers,
  type ForYou,
  type ForYouChoice,
  isTooLate,
  MOST_FOR_YOU,
  newestDueEdition,
  nextEdition,
  type QueryMatches,
  replacementSection,
  type SharedMatches,
  type SourceReader,
  type TopicMatches,
  unpackProfile,
} from "@paperboy/core";
import type { DueSubscription, PaperRevision, PlannedEdition } from "@paperboy/db";

/** What all editions of one planning share. */
export interface PlanningDay {
  readonly now: Date;
  readonly maxLatenessMs: number;
  readonly trending: readonly RankedTrending[];
  readonly revisions: readonly PaperRevision[];
  readonly datesOf: (due: DueSubscription) => EditionDates;
  /** Lines for the footer of a reader's edition. */
  readonly notesFor: (reader: SourceReader) => readonly string[];
  /** The newest announced. */
  readonly upTo: number;
  /** Matches up to here have waited long enough. */
  readonly carriedFrom: number;
  /** The papers that may be mailed as new; not one that has left the index, or been merged into another. */
  readonly papers: SharedMatches;
  /** The papers that have new versions. */
  readonly revised: SharedMatches;
  /** Ranks the new papers by what readers marked; null when no reader wants it, or it is not ready. */
  readonly forYou: ForYou | null;
}

export interface RankedTrending {
  readonly id: number;
  readonly seq: number;
  readonly reason: string | null;
}

/** The edition a reader gets now, and the one after it. */
export interface EditionDates {
  readonly edition: Edition;
  readonly next: Edition;
}

/** Finds the dates of readers' editions; most readers of an hour share a schedule, and calendars are slow. */
export function createDates(now: Date): PlanningDay["datesOf"] {
  const known = new Map<string, EditionDates>();
  return (due) => {
    const { cadence, weekday, localMinute, timezone, nextDate, nextDueAt } = due;
    const key = [cadence, weekday, localMinute, timezone, nextDate, nextDueAt.getTime()].join(" ");
    let dates = known.get(key);
    if (dates === undefined) {
      const edition = newestDueEdition(due, { date: nextDate, dueAt: nextDueAt }, now);
      dates = { edition, next: nextEdition(due, now, edition.date) };
      known.set(key, dates);
    }
    return dates;
  };
}

/** What the topics of a page match, by query. */
export interface PageMatches {
  readonly topics: ReadonlyMap<string, QueryMatches>;
  readonly revised: ReadonlyMap<string, QueryMatches>;
}

/** How far back each query of a page has to be known: as far as the reader who is furthest behind asks, or is owed. */
export function topicNeeds(
  due: readonly DueSubscription[],
  day: PlanningDay,
): { readonly topics: ReadonlyMap<string, number>; readonly revised: ReadonlyMap<string, number> } {
  const topics = new Map<string, number>();
  const revised = new Map<string, number>();
  for (const reader of due) {
    const owed = reader.owed.map((id) => (day.papers.seqOf(id) ?? Infinity) - 1);
    const from = Math.min(reader.watermark, ...owed);
    for (const { query } of reader.topics) {
      topics.set(query, Math.min(topics.get(query) ?? from, from));
      if (reader.replacements && day.revisions.length > 0) revised.set(query, 0);
    }
  }
  return { topics, revised };
}

/** Decides what one reader gets, or that they get nothing this time. */
export function decideEdition(due: DueSubscription, day: PlanningDay, matches: PageMatches): PlannedEdition {
  const { edition, next } = day.datesOf(due);
  if (isTooLate(edition.dueAt, day.now, day.maxLatenessMs)) return leftOut(due, edition, next);
  const owed = due.owed.filter((id) => day.papers.seqOf(id) !== undefined);
  const reader = { due, owed, seen: new Set(due.seen), seqOf: day.papers.seqOf };
  const topics = due.topics.map(({ name, query }) => wantedOf(name, query, reader, matches.topics));
  const sections = composeEdition({
    topics,
    trending: due.trending ? trendingFor(reader, topics, day.trending) : null,
    forYou: forYouFor(reader, day),
    maxPapers: due.maxPapers,
    explain: (query, paperId) => (matches.topics.get(query) as QueryMatches).explain(paperId),
  });
  sections.push(...replacementSection(revisionsFor(due, matches.revised, day.revisions)));
  const paperIds = editionPapers(sections);
  const hasMail = sections.length > 0 || due.noteWhenEmpty;
  return {
    subscriptionId: due.id,
    date: edition.date,
    status: hasMail ? "pending" : "skipped",
    reason: hasMail ? null : "nothing new for this reader",
    paperIds,
    sections,
    toSeq: day.upTo,
    watermark: watermarkAfter(reader, topics, new Set(paperIds), day),
    revisionWatermark: day.revisions.at(-1)?.id ?? 0,
    notes: day.notesFor(due),
    nextDueAt: next.dueAt,
    nextDate: next.date,
  };
}

/** An edition that nobody wants any more: nothing is considered, so that the next one brings everything. */
function leftOut(due: DueSubscription, { date }: Edition, next: Edition): PlannedEdition {
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

interface Reader {
  readonly due: DueSubscription;
  /** Those that can still be mailed as new. */
  readonly owed: readonly number[];
  readonly seen: ReadonlySet<number>;
  readonly seqOf: SharedMatches["seqOf"];
}

/** What a topic brings one reader; what is behind the first ones is read only where there is room for it. */
interface WantedMatches extends TopicMatches {
  readonly matches: QueryMatches;
  /** Papers that earlier editions owe and that are not among those above the watermark. */
  readonly owed: readonly number[];
}

/** What is new stands before what earlier editions owe or had no room for; each best first. */
function wantedOf(
  name: string,
  query: string,
  { due, owed, seen, seqOf }: Reader,
  known: PageMatches["topics"],
): WantedMatches {
  const matches = known.get(query) as QueryMatches;
  const isAbove = (id: number) => (seqOf(id) ?? 0) > due.watermark;
  const isNew = (id: number) => (seqOf(id) ?? 0) > due.consideredUpTo;
  const seenAbove = [...seen].filter((id) => isAbove(id) && matches.has(id)).length;
  const owedBelow = owed.filter((id) => matches.has(id) && !(isAbove(id) && !seen.has(id)));
  function* bestFirst(): Generator<number> {
    const fresh = matches.bestAfter(due.consideredUpTo);
    for (let n = 0, id = fresh(n); id !== undefined; id = fresh(++n)) if (!seen.has(id)) yield id;
    yield* owedBelow.filter(isNew);
    const older = matches.bestUpTo(due.consideredUpTo);
    for (let n = 0, id = older(n); id !== undefined; id = older(++n)) {
      if (isAbove(id) && !seen.has(id)) yield id;
    }
    yield* owedBelow.filter((id) => !isNew(id));
  }
  const total = matches.countAfter(due.watermark) - seenAbove + owedBelow.length;
  return { name, query, paperIds: { [Symbol.iterator]: bestFirst }, total, matches, owed: owedBelow };
}

/** The day's trending papers the reader has not had, and behind them those that an edition owes them which did not go out. */
function trendingFor(
  { owed, seen }: Reader,
  topics: readonly WantedMatches[],
  trending: readonly RankedTrending[],
): { readonly id: number; readonly reason: string | null }[] {
  const fresh = trending.filter(({ id }) => !seen.has(id));
  const known = new Set(fresh.map(({ id }) => id));
  const rest = owed.filter((id) => !known.has(id) && !topics.some(({ matches }) => matches.has(id)));
  return [...fresh, ...rest.map((id) => ({ id, reason: null }))];
}

/** What is new, or owed, and like the papers that the reader marked; more than finds room, since topics take theirs first. */
function forYouFor({ due, owed, seen, seqOf }: Reader, { forYou }: PlanningDay): ForYouChoice | null {
  if (!due.forYou || due.taste === null || forYou === null) return null;
  const profile = unpackProfile(due.taste);
  const marks = due.taste.marks.map(({ title, words }) => ({ title, terms: Object.keys(words) }));
  const isOwed = new Set(owed);
  const isWanted = (id: number) => !seen.has(id) && (isOwed.has(id) || (seqOf(id) ?? 0) > due.consideredUpTo);
  const fitting = forYou.choose(profile, isWanted, MOST_FOR_YOU + due.maxPapers);
  return { ids: fitting.map(({ id }) => id), why: (id) => forYou.why(id, profile, marks) };
}

/** New versions of papers that a topic of the reader matches, since their last edition. */
function revisionsFor(
  due: DueSubscription,
  revised: PageMatches["revised"],
  revisions: readonly PaperRevision[],
): PaperRevision[] {
  if (!due.replacements) return [];
  const matches = due.topics.flatMap(({ query }) => revised.get(query) ?? []);
  return revisions.filter(
    ({ id, paperId }) => id > due.revisionWatermark && matches.some((topic) => topic.has(paperId)),
  );
}

/** Just below the oldest match that found no room, so that it comes with a later edition. */
function watermarkAfter(
  { due, seen, seqOf }: Reader,
  topics: readonly WantedMatches[],
  brought: ReadonlySet<number>,
  { upTo, carriedFrom }: Pick<PlanningDay, "upTo" | "carriedFrom">,
): number {
  let watermark = upTo;
  const leaveFor = (id: number) => {
    const seq = seqOf(id) ?? 0;
    if (!brought.has(id) && seq > carriedFrom) watermark = Math.min(watermark, seq - 1);
  };
  for (const { matches, owed } of topics) {
    owed.forEach(leaveFor);
    for (const id of matches.oldestAfter(Math.max(due.watermark, carriedFrom))) {
      if (seen.has(id) || brought.has(id)) continue;
      leaveFor(id);
      break;
    }
  }
  return watermark;
}
