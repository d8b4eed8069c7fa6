import { type Paper, type Query, RANKED } from "@paperboy/core";
import { InvalidCursor } from "../errors.ts";
import type { Connection } from "../store/connection.ts";
import { PAPER_COLUMNS, PAPER_ROW, type PaperRow, toPaper } from "../store/paper-rows.ts";
import { statement } from "../store/statement.ts";
import { type Match, newestMatches, type RunQuery, type WindowAnswer } from "./newest-matches.ts";
import { scoreTerms } from "./score-terms.ts";
import { countByDay } from "./search-days.ts";

export type SearchOrder = "relevance" | "newest";

export interface ArchiveSearch {
  readonly order: SearchOrder;
  /** Papers a page. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: string;
}

export interface ArchivePage {
  /** How many announced papers match, whatever the page; at most {@link MOST_COUNTED}. */
  readonly total: number;
  /** Whether more match than were counted. */
  readonly isMore: boolean;
  readonly hits: readonly Hit[];
  readonly next: string | null;
}

export interface Hit {
  readonly paper: Paper;
  readonly score: number;
}

export interface PreviewSpan {
  readonly since: Date;
  readonly until: Date;
  /** Papers to show. */
  readonly limit: number;
}

export interface ArchivePreview extends Pick<ArchivePage, "total" | "isMore" | "hits"> {
  readonly byDay: ReadonlyMap<string, number>;
}

/** Matches are counted up to here: nobody turns so many pages, and to count them all takes seconds. */
export const MOST_COUNTED = 10_000;

/**
 * Searches all announced papers, with keyset paging: those in memory from what the index answers, the others in Postgres, from the
 * GIN index on our analyzer's terms.
 */
export function archiveSearch({ search: run }: Connection) {
  return {
    /**
     * A page of the papers a query matches. Pages neither repeat nor lose a paper when others are announced meanwhile.
     *
     * @param window what the index answers for its papers; null when Postgres is to answer for all.
     * @throws {InvalidCursor} when `before` is not a `next` of the same order.
     */
    search: async (
      query: Query,
      { order, limit, before }: ArchiveSearch,
      window: WindowAnswer | null = null,
    ): Promise<ArchivePage> => {
      const cursor = before === undefined ? START : readCursor(before, order);
      const matches = await newestMatches(run, query, window, { upTo: LAST_SEQ, limit: MOST_COUNTED + 1 });
      const inOrder = order === "newest" ? byNewest(matches) : await byRank(run, query, window, matches);
      const from = firstBehind(inOrder, cursor);
      const some = inOrder.slice(from, from + limit + 1);
      const last = some.at(-1) ?? cursor;
      if (some.length <= limit && matches.length > MOST_COUNTED) {
        const seq = Math.min(last.seq, matches.at(-1)?.seq ?? 0) - 1;
        const rest = { upTo: seq, limit: limit + 1 - some.length };
        some.push(...byNewest(await newestMatches(run, query, window, rest)));
      }
      const page = some.slice(0, limit);
      const end = page.at(-1);
      return {
        ...counted(matches),
        hits: await hitsOf(run, page),
        next: end !== undefined && some.length > limit ? writeCursor(end, order) : null,
      };
    },

    /** A page of all announced papers, newest first. */
    newest: async ({ limit, before }: Omit<ArchiveSearch, "order">): Promise<ArchivePage> => {
      const { seq } = before === undefined ? START : readCursor(before, "newest");
      const [rows, counts] = await Promise.all([
        run(NEWEST_PAPERS, [seq, limit + 1]),
        run(COUNT_UP_TO, [MOST_COUNTED + 1]),
      ]);
      const page = rows.slice(0, limit);
      return {
        ...counted({ length: counts[0]?.n ?? 0 }),
        hits: page.map((row) => ({ paper: toPaper(row), score: 0 })),
        next: rows.length > limit ? String(page.at(-1)?.seq) : null,
      };
    },

    /** The best matches of a query, how many there are, and how many were first seen on each day (UTC) of a span. */
    preview: async (
      query: Query,
      { since, until, limit }: PreviewSpan,
      window: WindowAnswer | null = null,
    ): Promise<ArchivePreview> => {
      const [matches, byDay] = await Promise.all([
        newestMatches(run, query, window, { upTo: LAST_SEQ, limit: MOST_COUNTED + 1 }),
        countByDay(run, query, window, { since, until }),
      ]);
      const best = (await byRank(run, query, window, matches)).slice(0, limit);
      return { ...counted(matches), byDay, hits: await hitsOf(run, best) };
    },
  };
}

const counted = ({ length }: { readonly length: number }) => ({
  total: Math.min(length, MOST_COUNTED),
  isMore: length > MOST_COUNTED,
});

/** A match in the order of a page; what is not ranked has no score. */
interface Ranked {
  readonly match: Match;
  readonly score: number;
  readonly upvotes: number;
  readonly seq: number;
}

type Cursor = Pick<Ranked, "score" | "upvotes" | "seq">;

/** The highest number a seq can be. */
const LAST_SEQ = 2_147_483_647;
const START: Cursor = { score: Number.POSITIVE_INFINITY, upvotes: 0, seq: LAST_SEQ };

const unranked = (match: Match): Ranked => ({ match, score: 0, upvotes: 0, seq: match.seq });
const byNewest = (matches: readonly Match[]): Ranked[] => matches.map(unranked);

/** The newest by relevance, then upvotes, then newest, as topics rank; the others behind them, newest first. */
async function byRank(
  run: RunQuery,
  query: Query,
  window: WindowAnswer | null,
  matches: readonly Match[],
): Promise<Ranked[]> {
  const newest = matches.slice(0, RANKED);
  const stored = await storedScores(
    run,
    query,
    newest.filter(({ held }) => held === null),
  );
  const ranked = newest.map((match): Ranked => {
    const upvotes = (match.held === null ? match.upvotes : match.held.paper.upvotes) ?? 0;
    const score = match.held === null ? (stored.get(match.id) ?? 0) : (window?.answer.score(match.held) ?? 0);
    return { match, score, upvotes, seq: match.seq };
  });
  ranked.sort(compare);
  return [...ranked, ...byNewest(matches.slice(RANKED))];
}

const compare = (a: Cursor, b: Cursor): number => b.score - a.score || b.upvotes - a.upvotes || b.seq - a.seq;

/** Papers whose terms are read at once: some 3 KB each, and for many beginnings of words some 10 ms in which nothing else has the thread. */
const TERMS_AT_ONCE = 100;

async function storedScores(
  run: RunQuery,
  query: Query,
  matches: readonly Match[],
): Promise<ReadonlyMap<number, number>> {
  const scores = new Map<number, number>();
  for (let from = 0; from < matches.length; from += TERMS_AT_ONCE) {
    const ids = matches.slice(from, from + TERMS_AT_ONCE).map(({ id }) => id);
    const rows = await run(TERMS_OF, [ids]);
    const found = scoreTerms(
      query,
      rows.map(({ terms }) => terms),
    );
    for (const [place, { id }] of rows.entries()) scores.set(id, found[place] ?? 0);
  }
  return scores;
}

/** Papers of the index as they are there, the others as they are stored. */
async function hitsOf(run: RunQuery, page: readonly Ranked[]): Promise<Hit[]> {
  const ids = page.flatMap(({ match }) => (match.held === null ? [match.id] : []));
  const stored = new Map<number, Paper>();
  if (ids.length > 0) {
    const rows = await run(PAPERS_OF, [ids]);
    for (const row of rows) stored.set(row.id, toPaper(row));
  }
  return page.flatMap(({ match, score }) => {
    const paper = match.held?.paper ?? stored.get(match.id);
    return paper === undefined ? [] : [{ paper, score }];
  });
}

/** The place of the first behind a cursor. */
function firstBehind(inOrder: readonly Ranked[], cursor: Cursor): number {
  let [low, high] = [0, inOrder.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(inOrder[middle] as Ranked, cursor) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const writeCursor = ({ score, upvotes, seq }: Cursor, order: SearchOrder): string =>
  order === "newest" ? `${seq}` : `${score}_${upvotes}_${seq}`;

/** A cursor names the last paper of the page before, by what the pages are ordered by. */
function readCursor(text: string, order: SearchOrder): Cursor {
  const [, score, upvotes, seq] = /^(?:(\d{1,7}(?:\.\d{1,3})?)_(\d{1,10})_)?(\d{1,10})$/.exec(text) ?? [];
  const place = Number(seq);
  if (seq === undefined || place > LAST_SEQ || (score === undefined) !== (order === "newest")) {
    throw new InvalidCursor(text);
  }
  return { score: Number(score ?? 0), upvotes: Number(upvotes ?? 0), seq: place };
}

const TERMS_OF = statement<{ id: number; terms: string }>(
  "archive.termsOf",
  { id: "int", terms: "text!" },
  "SELECT id, terms::text AS terms FROM papers WHERE id = ANY($1::int[])",
);

const PAPERS_OF = statement<PaperRow>(
  "archive.papersOf",
  PAPER_ROW,
  `SELECT ${PAPER_COLUMNS} FROM papers WHERE id = ANY($1::int[])`,
);

const NEWEST_PAPERS = statement<PaperRow>(
  "archive.newestPapers",
  PAPER_ROW,
  `SELECT ${PAPER_COLUMNS} FROM papers WHERE seq < $1 AND merged_into IS NULL ORDER BY seq DESC LIMIT $2`,
);

const COUNT_UP_TO = statement<{ n: number }>(
  "archive.countUpTo",
  { n: "int!" },
  `SELECT count(*)::int AS n FROM (
     SELECT FROM papers WHERE seq IS NOT NULL AND merged_into IS NULL LIMIT $1
   ) AS counted`,
);
