import {
  composeEdition,
  createPaperIndex,
  editionPapers,
  isTooLate,
  matchedWords,
  newestDueEdition,
  nextEdition,
  type Paper,
  parseQuery,
  type Query,
  replacementSection,
  type SourceReader,
  type TopicMatches,
} from "@paperboy/core";
import type { DueSubscription, PlannedEdition } from "@paperboy/db";

/** What all readers of one planning share. */
export interface PlainDay {
  readonly now: Date;
  readonly maxLatenessMs: number;
  /** Strongest first. */
  readonly trending: readonly { readonly id: number; readonly reason: string | null }[];
  readonly revisions: readonly { readonly id: number; readonly paperId: number; readonly version: number }[];
  readonly notesFor: (reader: SourceReader) => readonly string[];
  readonly upTo: number;
  readonly carriedFrom: number;
}

/**
 * Planning as one writes it first: reader after reader, each of their topics evaluated, ranked and explained for them
 * alone. Queries are parsed once and words that were found are remembered, as planning did.
 */
export function createPlainPlanner(papers: readonly Paper[], day: PlainDay) {
  const index = createPaperIndex();
  index.add(papers);
  const queries = new Map<string, Query>();
  const reasons = new Map<string, readonly string[]>();

  const known = (text: string): Query => {
    const query = queries.get(text) ?? parseQuery(text);
    queries.set(text, query);
    return query;
  };
  const isMailable = (id: number) => {
    const paper = index.paper(id);
    return paper !== undefined && paper.mailable !== false;
  };
  const among = (text: string, ids: readonly number[]) => {
    if (ids.length === 0) return [];
    const matching = new Set(index.matchIds(known(text)));
    return ids.filter((id) => matching.has(id));
  };
  const wordsOf = (text: string, id: number): readonly string[] => {
    const key = `${id} ${text}`;
    const words = reasons.get(key) ?? matchedWords(known(text), index.paper(id) as Paper);
    if (reasons.size >= 100_000) reasons.clear();
    reasons.set(key, words);
    return words;
  };
  const explain = (text: string, id: number) => ({ id, matched: wordsOf(text, id), reason: null });
  const seqOf = (id: number) => index.paper(id)?.seq ?? 0;

  const topicsOf = (due: DueSubscription): Listed[] => {
    const owed = due.owed.filter(isMailable);
    return due.topics.map(({ name, query }) => {
      const matches = index.match(known(query), { afterSeq: due.watermark }).map(({ paperId }) => paperId);
      const above = matches.filter((id) => isMailable(id) && !due.seen.includes(id));
      const all = [...new Set([...above, ...among(query, owed)])];
      const isNew = (id: number) => seqOf(id) > due.consideredUpTo;
      const paperIds = [...all.filter(isNew), ...all.filter((id) => !isNew(id))];
      return { name, query, paperIds, total: paperIds.length };
    });
  };

  return {
    topicsOf,
    decide(due: DueSubscription): PlannedEdition {
      const edition = newestDueEdition(due, { date: due.nextDate, dueAt: due.nextDueAt }, day.now);
      const next = nextEdition(due, day.now, edition.date);
      const common = {
        subscriptionId: due.id,
        date: edition.date,
        nextDueAt: next.dueAt,
        nextDate: next.date,
      };
      if (isTooLate(edition.dueAt, day.now, day.maxLatenessMs)) {
        const reason = "too late: its papers come with the next edition";
        const nothing = { paperIds: [], sections: [], toSeq: due.consideredUpTo, watermark: due.watermark };
        return { ...common, ...nothing, status: "skipped", reason };
      }
      const topics = topicsOf(due);
      const trending = due.trending ? trendingFor(due, topics, day, isMailable) : null;
      const sections = composeEdition({ topics, trending, maxPapers: due.maxPapers, explain });
      const fresh = due.replacements ? day.revisions.filter(({ id }) => id > due.revisionWatermark) : [];
      const ids = fresh.map(({ paperId }) => paperId);
      const wanted = new Set(due.topics.flatMap(({ query }) => among(query, ids)));
      sections.push(...replacementSection(fresh.filter(({ paperId }) => wanted.has(paperId))));
      const paperIds = editionPapers(sections);
      const left = topics
        .flatMap((topic) => topic.paperIds)
        .filter((id) => !paperIds.includes(id) && seqOf(id) > day.carriedFrom);
      const hasMail = sections.length > 0 || due.noteWhenEmpty;
      return {
        ...common,
        status: hasMail ? "pending" : "skipped",
        reason: hasMail ? null : "nothing new for this reader",
        paperIds,
        sections,
        toSeq: day.upTo,
        watermark: Math.min(day.upTo, ...left.map((id) => seqOf(id) - 1)),
        revisionWatermark: day.revisions.at(-1)?.id ?? 0,
        notes: day.notesFor(due),
      };
    },
  };
}

interface Listed extends TopicMatches {
  readonly paperIds: readonly number[];
}

function trendingFor(
  due: DueSubscription,
  topics: readonly Listed[],
  day: PlainDay,
  isMailable: (id: number) => boolean,
) {
  const fresh = day.trending.filter(({ id }) => !due.seen.includes(id));
  const known = new Set([...fresh.map(({ id }) => id), ...topics.flatMap(({ paperIds }) => paperIds)]);
  const owed = due.owed.filter((id) => !known.has(id) && isMailable(id));
  return [...fresh, ...owed.map((id) => ({ id, reason: null }))];
}
