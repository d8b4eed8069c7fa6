import { DAY_MS } from "@paperboy/core";
import type { Query } from "./connection.ts";
import type { ClaimedSubscription, DueSubscription } from "./due-subscription.ts";
import { statement } from "./statement.ts";
import { plannedTastes } from "./tastes.ts";

/** Editions that did not go out are made good for this long. */
const OWED_MS = 30 * DAY_MS;

/** What earlier editions brought a reader. */
interface History {
  readonly id: string;
  readonly considered: number | null;
  /** The papers of each edition that may have gone out; null when there is none. */
  readonly seen: readonly (readonly number[])[] | null;
  /** Whether an edition did not go out that had papers. */
  readonly owes: boolean | null;
}

const OWED_SINCE = statement<History>(
  "reader-history.owedSince",
  { id: "text!", considered: "int?", seen: "json?", owes: "bool?" },
  `SELECT due.id, h.* FROM unnest($1::uuid[], $2::int[]) AS due(id, seen_from)
     CROSS JOIN LATERAL (
       SELECT max(g.to_seq) AS considered,
         json_agg(g.paper_ids) FILTER (WHERE g.to_seq >= due.seen_from AND d.status IS DISTINCT FROM 'skipped') AS seen,
         bool_or(d.status = 'skipped' AND g.planned_at > $3 AND cardinality(g.paper_ids) > 0) AS owes
       FROM digests g LEFT JOIN deliveries d ON d.id = g.id WHERE g.subscription_id = due.id
     ) AS h`,
);

/**
 * Adds what earlier editions brought, and what they owe. Papers that were merged into another are known as that one; to look
 * each of them up inside the statement took four fifths of its time.
 */
export async function withHistory(
  query: Query,
  due: readonly ClaimedSubscription[],
  { now, seenFromSeq }: { readonly now: Date; readonly seenFromSeq: number },
): Promise<DueSubscription[]> {
  const owedSince = new Date(now.getTime() - OWED_MS);
  const rows = await query(OWED_SINCE, [
    due.map(({ id }) => id),
    due.map(({ trending, watermark }) => (trending ? Math.min(seenFromSeq, watermark + 1) : watermark + 1)),
    owedSince,
  ]);
  const histories = new Map(rows.map((row) => [row.id, row]));
  const mergedInto = await mergesOf(query, rows);
  const owed = await owedTo(
    query,
    rows.filter(({ owes }) => owes).map(({ id }) => id),
    owedSince,
  );
  const { tastes, hidden } = await plannedTastes(query, due);
  return due.map((each) => {
    const history = histories.get(each.id);
    const consideredUpTo = Math.max(each.watermark, history?.considered ?? 0);
    const seen = (history?.seen ?? []).flat().map((id) => mergedInto.get(id) ?? id);
    seen.push(...(hidden.get(each.id) ?? []));
    const taste = tastes.get(each.id) ?? null;
    return Object.assign(each, { consideredUpTo, seen, owed: owed.get(each.id) ?? [], taste });
  });
}

const MERGED_PAPERS = statement<{ id: number; into: number }>(
  "reader-history.mergedPapers",
  { id: "int", into: "int!" },
  'SELECT id, merged_into AS "into" FROM papers WHERE merged_into IS NOT NULL AND id = ANY($1)',
);

async function mergesOf(query: Query, rows: readonly History[]): Promise<ReadonlyMap<number, number>> {
  const ids = new Set(rows.flatMap(({ seen }) => (seen ?? []).flat()));
  if (ids.size === 0) return new Map();
  const merged = await query(MERGED_PAPERS, [[...ids]]);
  return new Map(merged.map(({ id, into }) => [id, into]));
}

const OWED_TO = statement<{ id: string; owed: readonly number[] }>(
  "reader-history.owedTo",
  { id: "text!", owed: "json!" },
  `SELECT due.id,
       (SELECT coalesce(json_agg(DISTINCT coalesce(p.merged_into, p.id)), '[]')
        FROM digests g JOIN deliveries d ON d.id = g.id, unnest(g.paper_ids) AS paper_id JOIN papers p ON p.id = paper_id
        WHERE g.subscription_id = due.id AND d.status = 'skipped' AND g.planned_at > $2
          AND NOT EXISTS (
            SELECT FROM digests l LEFT JOIN deliveries c ON c.id = l.id
            WHERE l.subscription_id = due.id AND c.status IS DISTINCT FROM 'skipped'
              AND l.paper_ids && ARRAY[p.id, coalesce(p.merged_into, p.id)])) AS owed
     FROM unnest($1::uuid[]) AS due(id)`,
);

/** Papers of editions that did not go out, and that no other edition of the reader has. */
async function owedTo(
  query: Query,
  readers: readonly string[],
  since: Date,
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (readers.length === 0) return new Map();
  const rows = await query(OWED_TO, [readers, since]);
  return new Map(rows.map(({ id, owed }) => [id, owed]));
}
