import type { AnsweringPaper, Query, QueryAnswer } from "@paperboy/core";
import type { Connection } from "../store/connection.ts";
import { statement } from "../store/statement.ts";
import { compileToSql } from "./compile-to-sql.ts";

export type RunQuery = Connection["query"];

/** What the index answers for all papers announced after `from` and up to `to`. */
export interface WindowAnswer {
  readonly from: number;
  readonly to: number;
  readonly answer: QueryAnswer;
}

/** A paper that matches. */
export interface Match {
  readonly id: number;
  readonly seq: number;
  readonly upvotes: number | null;
  /** As the index holds it; null for one that Postgres found. */
  readonly held: AnsweringPaper | null;
}

export interface Stretch {
  /** The highest seq. */
  readonly upTo: number;
  readonly limit: number;
}

/** The newest papers that match, newest first: above the window from Postgres, then those of the window, then the older ones. */
export async function newestMatches(
  run: RunQuery,
  query: Query,
  window: WindowAnswer | null,
  { upTo, limit }: Stretch,
): Promise<Match[]> {
  if (window === null) return stored(run, query, { above: 0, upTo, limit });
  const { from, to } = window;
  const found = upTo > to ? await stored(run, query, { above: to, upTo, limit }) : [];
  if (found.length < limit) found.push(...held(window, { upTo, limit: limit - found.length }));
  if (found.length < limit && from > 0) {
    const older = { above: 0, upTo: Math.min(from, upTo), limit: limit - found.length };
    found.push(...(await stored(run, query, older)));
  }
  return found;
}

function held({ answer: { papers } }: WindowAnswer, { upTo, limit }: Stretch): Match[] {
  const first = upTo >= (papers[0]?.seq ?? 0) ? 0 : papers.findIndex(({ seq }) => seq <= upTo);
  if (first < 0) return [];
  return papers.slice(first, first + limit).map((held) => ({
    id: held.paper.id,
    seq: held.seq,
    upvotes: held.paper.upvotes,
    held,
  }));
}

async function stored(
  run: RunQuery,
  query: Query,
  { above, upTo, limit }: Stretch & { readonly above: number },
): Promise<Match[]> {
  const { where, params } = compileToSql(query, 4);
  const rows = await run(newestStatement(where), [above, upTo, limit, ...params]);
  return rows.map((row) => ({ ...row, held: null }));
}

const newestStatement = (where: string) =>
  statement<Omit<Match, "held">>(
    "newestMatches.newest",
    { id: "int", seq: "int!", upvotes: "int?" },
    `SELECT id, seq, upvotes FROM papers
     WHERE seq > $1 AND seq <= $2 AND merged_into IS NULL AND ${where} ORDER BY seq DESC LIMIT $3`,
  );
