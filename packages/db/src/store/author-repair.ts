import { withAuthorsRejoined } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { readEntries } from "./ingest/candidates.ts";
import { updatePapers } from "./ingest/write-papers.ts";
import { lockUntilCommit } from "./locks.ts";
import { statement } from "./statement.ts";

/** Papers repaired in one transaction; papers are ingested between two of them. */
const PAGE = 200;
/** When all papers had been looked at. */
const DONE = "authors rejoined";

/**
 * Papers whose authors may have been split at the comma within a name (`Weber`, `L. M.`), or whose key goes by an initial.
 * Cheap and wide: what is wrong is judged by core. Names in full (`Weber`, `Lena`) show it only where all that a paper is known
 * from are feeds, which write all authors in one text; APIs list people one by one.
 */
const SUSPECTS = statement<{ id: number; isFromText: boolean }>(
  "author-repair.suspects",
  { id: "int", isFromText: "bool!" },
  `
  SELECT id, is_from_text AS "isFromText" FROM papers p, LATERAL (
    SELECT coalesce(bool_and(c.kind = 'feed' OR (c.kind = 'file' AND c.name = 'feed')), false) AS is_from_text
    FROM sightings s JOIN sources c ON c.id = s.source_id WHERE s.paper_id = p.id
  ) AS known
  WHERE id > $1 AND cardinality(authors) > 0 AND (
    is_from_text OR title_key ~ '\\|[a-z]$' OR EXISTS (
      SELECT FROM unnest(authors) AS author
      WHERE author LIKE '%,%' OR length(author) <= 3 OR (length(author) <= 20 AND author LIKE '%.') OR author ~ '^([^ ] )+[^ ]$'
    )
  ) ORDER BY id LIMIT ${PAGE}`,
);

/**
 * Puts authors right that former versions had split wrongly, with the terms papers are found by and the keys they are known
 * by. Nothing is joined, unmerged or removed, and what is right is left alone. Once for a database: it is noted when all is
 * done, and an interrupted run begins again.
 *
 * @returns how many papers were put right; null when it had been done before.
 */
export async function repairAuthors(
  { transaction, prisma }: Connection,
  now: Date,
  signal?: AbortSignal,
): Promise<number | null> {
  if ((await prisma.marker.findUnique({ where: { name: DONE } })) !== null) return null;
  let repaired = 0;
  for (let after = 0; ; ) {
    if (signal?.aborted) return repaired;
    const page = await transaction((run) => repairPage(run, after));
    repaired += page.repaired;
    if (page.last === undefined) break;
    after = page.last;
  }
  await prisma.marker.createMany({ data: [{ name: DONE, at: now }], skipDuplicates: true });
  return repaired;
}

async function repairPage(query: Query, after: number) {
  await lockUntilCommit(query, "ingest");
  const suspects = await query(SUSPECTS, [after]);
  const entries = await readEntries(
    query,
    suspects.map(({ id }) => id),
  );
  for (const { id, isFromText } of suspects) {
    const entry = entries.get(id);
    if (entry !== undefined) entry.record = withAuthorsRejoined(entry.record, isFromText);
  }
  const changed = [...entries.values()].filter(({ before, record }) => before !== record);
  await updatePapers(query, changed);
  return { last: suspects.at(-1)?.id, repaired: changed.length };
}
