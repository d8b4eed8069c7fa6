import { type Paper, type Query, RANKED } from "@paperboy/core";
import { InvalidCursor } from "../errors.ts";
import type { Connection } from "../store/connection.ts";
import { PAPER_COLUMNS, type PaperRow, toPaper } from "../store/paper-rows.ts";
import { compileToSql } from "./compile-to-sql.ts";

export type SearchOrder = "relevance" | "newest";

export interface ArchiveSearch {
  readonly order: SearchOrder;
  /** Papers a page. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: string;
}

export interface ArchivePage {
  /** How many announced papers match, whatever the page. */
  readonly total: number;
  readonly hits: readonly { readonly paper: Paper; readonly score: number }[];
  readonly next: string | null;
}

export interface PreviewSpan {
  readonly since: Date;
  readonly until: Date;
  /** Papers to show. */
  readonly limit: number;
}

export interface ArchivePreview extends Pick<ArchivePage, "total" | "hits"> {
  readonly byDay: ReadonlyMap<string, number>;
}

/** Searches all announced papers in Postgres, from the GIN index on our analyzer's terms, with keyset paging. */
export function archiveSearch({ search: run }: Connection) {
  return {
    /**
     * A page of the papers a query matches. Pages neither repeat nor lose a paper when others are announced meanwhile.
     *
     * @throws {InvalidCursor} when `before` is not a `next` of the same order.
     */
    search: async (query: Query, { order, limit, before }: ArchiveSearch): Promise<ArchivePage> => {
      const cursor = before === undefined ? START : readCursor(before, order);
      const [total, rows] = await Promise.all([
        countMatches(run, query),
        order === "newest"
          ? newestMatches(run, query, cursor, limit + 1)
          : bestMatches(run, query, cursor, limit + 1),
      ]);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next = last !== undefined && rows.length > limit ? writeCursor(last, order) : null;
      return { total, hits: page.map((row) => ({ paper: toPaper(row), score: row.score })), next };
    },

    /** The best matches of a query, how many there are, and how many were first seen on each day (UTC) of a span. */
    preview: async (query: Query, { since, until, limit }: PreviewSpan): Promise<ArchivePreview> => {
      const [days, rows] = await Promise.all([
        countByDay(run, query, since, until),
        bestMatches(run, query, START, limit),
      ]);
      return {
        total: days.reduce((sum, { n }) => sum + n, 0),
        byDay: new Map(days.flatMap(({ date, n }) => (date === null ? [] : [[date, n]]))),
        hits: rows.map((row) => ({ paper: toPaper(row), score: row.score })),
      };
    },
  };
}

type RunQuery = Connection["query"];
type Hit = PaperRow & { readonly score: number };

interface Cursor {
  readonly score: number;
  readonly seq: number;
}

const START: Cursor = { score: Number.POSITIVE_INFINITY, seq: 2_147_483_647 };

async function countMatches(run: RunQuery, query: Query): Promise<number> {
  const { where, params } = compileToSql(query);
  const [row] = await run<{ n: number }>(
    `SELECT count(*)::int AS n FROM papers WHERE seq IS NOT NULL AND merged_into IS NULL AND ${where}`,
    params,
  );
  return row?.n ?? 0;
}

/** Counts by day of the span, and under null what was seen before it. */
function countByDay(
  run: RunQuery,
  query: Query,
  since: Date,
  until: Date,
): Promise<{ date: string | null; n: number }[]> {
  const { where, params } = compileToSql(query, 3);
  return run(
    `SELECT CASE WHEN first_seen_at > $1 AND first_seen_at <= $2
       THEN (first_seen_at AT TIME ZONE 'UTC')::date::text END AS date, count(*)::int AS n
     FROM papers WHERE seq IS NOT NULL AND merged_into IS NULL AND ${where} GROUP BY 1`,
    [since, until, ...params],
  );
}

function newestMatches(run: RunQuery, query: Query, { seq }: Cursor, count: number): Promise<Hit[]> {
  const { where, rank, params, rankParams } = compileToSql(query, 3);
  return run<Hit>(
    `SELECT ${PAPER_COLUMNS}, ${rank ?? 0} AS score FROM papers
     WHERE seq IS NOT NULL AND merged_into IS NULL AND seq < $1 AND ${where} ORDER BY seq DESC LIMIT $2`,
    [seq, count, ...params, ...rankParams],
  );
}

async function bestMatches(
  run: RunQuery,
  query: Query,
  { score, seq }: Cursor,
  count: number,
): Promise<Hit[]> {
  const { where, rank, params, rankParams } = compileToSql(query, 5);
  if (rank === null) return newestMatches(run, query, { score, seq }, count);
  // Beyond the ranked ones the score is taken as 0, so that one order covers all.
  return run<Hit>(
    `WITH matches AS MATERIALIZED (
       SELECT id, seq, row_number() OVER (ORDER BY seq DESC) <= $4 AS ranked FROM papers WHERE seq IS NOT NULL AND merged_into IS NULL AND ${where}
     ), scored AS (
       SELECT m.id, m.seq, CASE WHEN m.ranked THEN ${rank} ELSE 0::real END AS score
       FROM matches m JOIN papers p ON p.id = m.id
     ), page AS (
       SELECT id, score FROM scored WHERE (score, seq) < ($1::real, $2::int) ORDER BY score DESC, seq DESC LIMIT $3
     )
     SELECT ${PAPER_COLUMNS}, score FROM page JOIN papers USING (id) ORDER BY score DESC, seq DESC`,
    [score, seq, count, RANKED, ...params, ...rankParams],
  );
}

const writeCursor = ({ score, seq }: Hit, order: SearchOrder): string =>
  order === "newest" ? `${seq}` : `${score}_${seq}`;

/** A cursor names the last paper of the page before, by what the pages are ordered by. */
function readCursor(text: string, order: SearchOrder): Cursor {
  const [, score, seq] = /^(?:(\d+(?:\.\d+)?(?:e-?\d+)?)_)?(\d{1,10})$/.exec(text) ?? [];
  const place = Number(seq);
  if (seq === undefined || place > START.seq || (score === undefined) !== (order === "newest")) {
    throw new InvalidCursor(text);
  }
  return { score: Number(score ?? 0), seq: place };
}
