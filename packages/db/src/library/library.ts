import { setImmediate } from "node:timers/promises";
import {
  createPaperIndex,
  type DayCount,
  forecast,
  type IndexOptions,
  lastDays,
  type Paper,
  parseQuery,
  printQuery,
  type Query,
  QuerySyntaxError,
  rankTrending,
  type SharedMatches,
  type Span,
  TRENDING_WINDOW_MS,
  trendingReason,
  trendingScore,
} from "@paperboy/core";
import type { SearchOrder } from "../search/archive.ts";
import type { Store } from "../store/store.ts";
import { explainAll, strangersArchive, unexplained } from "./strangers.ts";

/** A paper that answers a query, and the words that made it. */
export interface FoundPaper {
  readonly paper: Paper;
  readonly score: number;
  readonly matched: readonly string[];
}

/** A paper with the stretches of its texts that matched, ascending, in UTF-16 offsets. */
export interface HighlightedPaper extends FoundPaper {
  readonly highlights: {
    readonly title: readonly Span[];
    readonly abstract: readonly Span[];
    /** Of the first ten authors, one list for each. */
    readonly authors: readonly (readonly Span[])[];
  };
}

export interface SearchPage {
  readonly total: number;
  readonly papers: readonly HighlightedPaper[];
  /** Give it as `before` to get the next page; null on the last. */
  readonly next: string | null;
}

export interface Preview {
  /** Canonical text of the query. */
  readonly query: string;
  readonly total: number;
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

/** The index as it was at one instant. */
export interface HeldPapers {
  readonly highestSeq: number;
  /** What topics match of the papers that may be mailed as new. */
  readonly matches: SharedMatches;
  /** What topics match of these papers, mailed as new or not. */
  matchesAmong(ids: readonly number[]): SharedMatches;
  /** Lets the index go on; to be called once it is no longer used. */
  release(): void;
}

/** The newest papers an index holds; older ones leave it, so that its memory is bounded. */
const MAX_PAPERS = 50_000;
const MAX_REASONS = 100_000;
const PAGE = 2_000;
/** Papers join this long, then others get the thread. */
const SLICE_MS = 8;
const PREVIEW_DAYS = 30;
const SAMPLES = 5;
/** How far behind the index may be by which the cost of queries is counted. */
const COUNTED_BY_MS = 60_000;

export function openLibrary(store: Pick<Store, "papers" | "archive">, options: IndexOptions = {}) {
  const index = createPaperIndex(options);
  const archive = strangersArchive(index, store.archive);
  const queries = new Map<string, Query | null>();
  /** Readers share topics, and a paper is read again for each word that is asked why. */
  const reasons = new Map<string, readonly string[]>();
  let changedUpTo = new Date(0);
  let refreshing: Promise<void> | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;

  /** Lets papers announced or changed since the last call join. Calls at the same time share one pass. */
  const refresh = (): Promise<void> => {
    refreshedAt = performance.now();
    refreshing ??= keepUp().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };

  /** How many plannings hold the index as it is. */
  let holders = 0;

  /** Does nothing while the index is held: what there is to add is found again by the next call. */
  async function keepUp(): Promise<void> {
    while (holders === 0) {
      const papers = await store.papers.announcedAfter(index.highestSeq, PAGE);
      await join(papers);
      if (papers.length < PAGE) break;
    }
    const { papers, gone, upTo } = await store.papers.changedSince(changedUpTo);
    if (papers.length > 0) reasons.clear();
    await join(papers);
    if (holders > 0) return;
    changedUpTo = upTo;
    index.remove(gone);
    if (index.size > MAX_PAPERS) index.remove(index.idsUpTo(index.highestSeq - MAX_PAPERS));
    index.prepare();
  }

  /** Adds papers some at a time, and others get the thread in between; stops when the index comes to be held. */
  async function join(papers: readonly Paper[]): Promise<void> {
    for (let at = 0; at < papers.length && holders === 0; await setImmediate()) {
      const sliceEnds = performance.now() + SLICE_MS;
      while (at < papers.length && performance.now() < sliceEnds) index.add([papers[at++] as Paper]);
    }
  }

  /** Topics are parsed when they are ordered, so one that does not parse was written by an older version: it matches nothing. */
  const known = (text: string): Query | null => {
    let query = queries.get(text);
    if (query === undefined) {
      query = tryParse(text);
      if (queries.size > 100_000) queries.clear();
      queries.set(text, query);
    }
    return query;
  };

  return {
    refresh,
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
      const query = known(text);
      if (query === null) return [];
      return index
        .match(query, { afterSeq: seq })
        .map(({ paperId }) => paperId)
        .filter((id) => index.paper(id)?.mailable !== false);
    },

    /** The papers as they are now, for a planning: nothing joins or leaves until each who holds them has let go. */
    hold: (): HeldPapers => {
      holders++;
      let held = true;
      return {
        highestSeq: index.highestSeq,
        matches: index.share(known),
        matchesAmong: (ids) => {
          const chosen = new Set(ids);
          return index.share(known, ({ id }) => chosen.has(id));
        },
        release: () => {
          if (held) holders--;
          held = false;
        },
      };
    },

    /** The words of a paper that a query matched, as they stand in it. */
    why: (text: string, paperId: number): readonly string[] => {
      const key = `${paperId} ${text}`;
      let words = reasons.get(key);
      if (words === undefined) {
        const query = known(text);
        words = query === null ? [] : index.why(query, paperId);
        if (reasons.size >= MAX_REASONS) reasons.clear();
        reasons.set(key, words);
      }
      return words;
    },

    /**
     * A page of what a query finds in the whole archive, best or newest first.
     *
     * @throws {QuerySyntaxError} when the query makes no sense.
     * @throws {QueryTooBroad} when it would cost too much; SearchTooSlow or SearchBusy when Postgres cannot answer in time.
     * @throws {InvalidCursor} when `before` does not.
     */
    search: async ({
      query: text,
      limit,
      sort = "relevance",
      before,
      explain = true,
    }: SearchOptions): Promise<SearchPage> => {
      const query = parseQuery(text, { dates: true });
      const options = { order: sort, limit, ...(before !== undefined && { before }) };
      const { total, hits, next } = await archive.search(query, options);
      return { total, papers: explain ? await explainAll(query, hits) : unexplained(hits), next };
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
      if (performance.now() - refreshedAt > COUNTED_BY_MS) await refresh();
      const since = new Date(now.getTime() - PREVIEW_DAYS * DAY_MS);
      const { total, byDay, hits } = await archive.preview(query, { since, until: now, limit: SAMPLES });
      const days = lastDays(byDay, PREVIEW_DAYS, now);
      const judged = forecast(days, await store.papers.daysKnown(since, now));
      return {
        query: printQuery(query),
        total,
        days,
        perDay: judged.perDay,
        forecast: judged.text,
        warning: judged.warning,
        samples: await explainAll(query, hits),
      };
    },

    /** The trending papers of a day, or of now, strongest first. */
    trending: async (options: { readonly date?: string; readonly limit: number }, now: Date) => {
      const until = options.date === undefined ? now : new Date(`${options.date}T23:59:59.999Z`);
      const candidates = await store.papers.trendingCandidates(
        new Date(until.getTime() - TRENDING_WINDOW_MS),
        until,
      );
      const ranked = rankTrending(candidates, until);
      const papers = ranked.slice(0, options.limit).map(
        ({ paper, signals }): TrendingPaper => ({
          paper,
          reason: trendingReason(signals),
          score: trendingScore(signals, until),
        }),
      );
      return { date: until.toISOString().slice(0, 10), papers };
    },
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
}

const DAY_MS = 24 * 60 * 60 * 1000;

function tryParse(text: string): Query | null {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QuerySyntaxError) return null;
    throw error;
  }
}
