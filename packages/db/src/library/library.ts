import {
  DAY_MS,
  type DayCount,
  forecast,
  type IndexOptions,
  lastDays,
  type Paper,
  parseQuery,
  printQuery,
  rankTrending,
  TRENDING_WINDOW_MS,
  trendingReason,
  trendingScore,
} from "@paperboy/core";
import type { SearchOrder } from "../search/archive.ts";
import type { Store } from "../store/store.ts";
import { type Facets, facetsOf } from "./facets.ts";
import type { HighlightedPaper } from "./found-paper.ts";
import { createPaperWindow } from "./paper-window.ts";
import { explainAll, strangersArchive, unexplained } from "./strangers.ts";
import { type Suggestions, suggestNames } from "./suggestions.ts";
import { openTasteLibrary } from "./taste-library.ts";
import { createTopicCache } from "./topic-cache.ts";

export interface SearchPage {
  /** How many papers match; at most {@link MOST_COUNTED}. */
  readonly total: number;
  /** Whether more match than were counted. */
  readonly isMore: boolean;
  readonly papers: readonly HighlightedPaper[];
  /** Give it as `before` to get the next page; null on the last. */
  readonly next: string | null;
  /** What the matches can be narrowed to; null when that was not asked for, or is not known. */
  readonly facets: Facets | null;
}

export interface Preview {
  /** Canonical text of the query. */
  readonly query: string;
  /** How many papers match, whenever they came; at most {@link MOST_COUNTED}. */
  readonly total: number;
  /** Whether more match than were counted. */
  readonly isMore: boolean;
  /** The last 30 days, oldest first. */
  readonly days: readonly DayCount[];
  readonly perDay: number;
  readonly forecast: string;
  readonly warning: string | null;
  readonly samples: readonly HighlightedPaper[];
}

export interface TrendingPaper {
  readonly paper: Paper;
  readonly reason: string | null;
  readonly score: number;
}

/** The announced papers: the newest in memory for topics, all of them in Postgres for search, in one language. */
export type Library = ReturnType<typeof openLibrary>;

const PREVIEW_DAYS = 30;
const SAMPLES = 5;
/** How far behind the index may be by which the cost of queries is counted. */
const COUNTED_BY_MS = 60_000;

export function openLibrary(store: Pick<Store, "papers" | "archive" | "tastes">, options: IndexOptions = {}) {
  const topics = createTopicCache();
  const window = createPaperWindow(store, topics.parse, topics.forgetWords, options);
  const { index, refresh, hold } = window;
  const archive = strangersArchive(window, store.archive);

  return {
    refresh,
    hold,
    /** What ranks papers by what readers marked. */
    tastes: openTasteLibrary(store),
    get highestSeq() {
      return index.highestSeq;
    },
    get size() {
      return index.size;
    },
    /** Roughly what the index holds in memory. */
    get bytes() {
      return index.bytes;
    },

    /** Ids of papers above a seq that match and may be mailed as new, best first. */
    matchesAbove: (text: string, seq: number): number[] => {
      const query = topics.parse(text);
      if (query === null) return [];
      return index
        .match(query, { afterSeq: seq })
        .map(({ paperId }) => paperId)
        .filter((id) => index.paper(id)?.mailable !== false);
    },

    /** The words of a paper that a query matched, as they stand in it. */
    matchedWords: (text: string, paperId: number): readonly string[] =>
      topics.words(text, paperId, () => {
        const query = topics.parse(text);
        return query === null ? [] : index.matchedWords(query, paperId);
      }),

    /**
     * A page of what a query finds in the whole archive, best or newest first.
     *
     * @throws {QuerySyntaxError} when the query makes no sense.
     * @throws {QueryTooBroad} when it would cost too much; SearchTooSlow or SearchBusy when Postgres cannot answer in time.
     * @throws {InvalidCursor} when `before` does not.
     */
    search: (options: SearchOptions): Promise<SearchPage> => search(archive, options),

    /** Authors and categories that a word may be the beginning of. */
    suggest: (word: string): Suggestions =>
      suggestNames(word, (query) => window.answer(query)?.answer ?? null),

    /**
     * A page of all papers, newest first.
     *
     * @throws {InvalidCursor} when `before` is no `next` of such a page.
     */
    newest: async (options: Pick<SearchOptions, "limit" | "before">): Promise<SearchPage> => {
      const { hits, ...page } = await store.archive.newest(options);
      return { ...page, papers: unexplained(hits), facets: null };
    },

    /**
     * Refuses what would cost too much to evaluate.
     *
     * @throws {QueryTooBroad}
     */
    requireAffordable: (text: string): void => index.requireAffordable(parseQuery(text)),

    /**
     * What a topic would have brought lately. Throws as `search` does.
     */
    preview: async (text: string, now: Date): Promise<Preview> => {
      const query = parseQuery(text);
      await window.refreshWithin(COUNTED_BY_MS);
      const since = new Date(now.getTime() - PREVIEW_DAYS * DAY_MS);
      const { total, isMore, byDay, hits } = await archive.preview(query, {
        since,
        until: now,
        limit: SAMPLES,
      });
      const days = lastDays(byDay, PREVIEW_DAYS, now);
      const judged = forecast(days, await store.papers.daysKnown(since, now));
      return {
        query: printQuery(query),
        total,
        isMore,
        days,
        perDay: judged.perDay,
        forecast: judged.text,
        warning: judged.warning,
        samples: await explainAll(query, hits),
      };
    },

    /** The trending papers of a day, or of now, strongest first. */
    trending: (options: TrendingOptions, now: Date): Promise<TrendingList> => trending(store, options, now),
  };
}

export interface SearchOptions {
  readonly query: string;
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: string;
  readonly sort?: SearchOrder;
  /** Whether to say what matched; yes when absent. */
  readonly explain?: boolean;
  /** Whether to say what the matches can be narrowed to; no when absent. */
  readonly facets?: boolean;
}

async function search(
  archive: ReturnType<typeof strangersArchive>,
  { query: text, limit, sort = "relevance", before, explain = true, facets = false }: SearchOptions,
): Promise<SearchPage> {
  const query = parseQuery(text, { dates: true });
  const options = { order: sort, limit, ...(before !== undefined && { before }) };
  const { total, isMore, hits, next, answered } = await archive.search(query, options);
  return {
    total,
    isMore,
    papers: explain ? await explainAll(query, hits) : unexplained(hits),
    next,
    facets: facets && answered !== null ? facetsOf(answered.answer.papers) : null,
  };
}

interface TrendingOptions {
  /** ISO 8601; now when absent. */
  readonly date?: string;
  readonly limit: number;
}

interface TrendingList {
  readonly date: string;
  readonly papers: TrendingPaper[];
}

async function trending(
  { papers: store }: Pick<Store, "papers">,
  { date, limit }: TrendingOptions,
  now: Date,
): Promise<TrendingList> {
  const until = date === undefined ? now : new Date(`${date}T23:59:59.999Z`);
  const since = new Date(until.getTime() - TRENDING_WINDOW_MS);
  const ranked = rankTrending(await store.trendingCandidates(since, until), until);
  const papers = ranked.slice(0, limit).map(({ paper, signals }) => ({
    paper,
    reason: trendingReason(signals),
    score: trendingScore(signals, until),
  }));
  return { date: until.toISOString().slice(0, 10), papers };
}
