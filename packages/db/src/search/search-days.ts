import { DAY_MS, type Query } from "@paperboy/core";
import { statement } from "../store/statement.ts";
import { compileToSql } from "./compile-to-sql.ts";
import type { RunQuery, WindowAnswer } from "./newest-matches.ts";

interface Days {
  readonly since: Date;
  readonly until: Date;
}

/** How many papers that match were first seen on each day (UTC) of a span. */
export async function countByDay(
  run: RunQuery,
  query: Query,
  window: WindowAnswer | null,
  days: Days,
): Promise<Map<string, number>> {
  if (window === null) return new Map(await stored(run, query, days, "seq IS NOT NULL"));
  const counts = held(window, days);
  const outside = await stored(run, query, days, outsideOf(window, days));
  for (const [date, count] of outside) counts.set(date, (counts.get(date) ?? 0) + count);
  return counts;
}

/** Papers older than the window are left out when the window reaches back behind the span. */
function outsideOf({ from, to, answer }: WindowAnswer, { since }: Days): string {
  const oldest = answer.papers.at(-1)?.paper.firstSeenAt;
  const isCovered = from === 0 || (oldest !== undefined && oldest <= since);
  return isCovered ? `seq > ${Math.trunc(to)}` : `(seq > ${Math.trunc(to)} OR seq <= ${Math.trunc(from)})`;
}

function held({ answer }: WindowAnswer, { since, until }: Days): Map<string, number> {
  const byDay = new Map<number, number>();
  for (const { paper } of answer.papers) {
    const seen = paper.firstSeenAt?.getTime() ?? 0;
    if (seen <= since.getTime() || seen > until.getTime()) continue;
    const day = Math.floor(seen / DAY_MS);
    byDay.set(day, (byDay.get(day) ?? 0) + 1);
  }
  return new Map(Array.from(byDay, ([day, n]) => [new Date(day * DAY_MS).toISOString().slice(0, 10), n]));
}

async function stored(
  run: RunQuery,
  query: Query,
  { since, until }: Days,
  which: string,
): Promise<[string, number][]> {
  const { where, params } = compileToSql(query, 3);
  const rows = await run(byDayStatement(which, where), [since, until, ...params]);
  return rows.map(({ date, n }) => [date, n]);
}

const byDayStatement = (which: string, where: string) =>
  statement<{ date: string; n: number }>(
    "searchDays.byDay",
    { date: "text!", n: "int!" },
    `SELECT (first_seen_at AT TIME ZONE 'UTC')::date::text AS date, count(*)::int AS n FROM papers
     WHERE ${which} AND merged_into IS NULL AND first_seen_at > $1 AND first_seen_at <= $2 AND ${where} GROUP BY 1`,
  );
