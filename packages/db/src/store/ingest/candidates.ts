import { identityKeys, type PaperDraft, type PaperRecord } from "@paperboy/core";
import type { Query } from "../connection.ts";
import { type Entry, pairKey } from "./resolve.ts";

const RECORD_COLUMNS = `arxiv_id AS "arxivId", doi, title_key AS "titleKey", title, abstract, authors, categories,
  keywords, sources, version, url, pdf_url AS "pdfUrl", code_url AS "codeUrl", project_url AS "projectUrl", upvotes,
  stars, comments, to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "publishedAt",
  to_char(first_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "firstSeenAt", withdrawn, mailable`;

type CandidateRow = PaperRecord & { id: number; seq: number | null; aliases: string[] };

/** Stored papers that share a key with any of the drafts, oldest first; one found by the title of a paper merged into it, too. */
export async function readCandidates(query: Query, drafts: readonly PaperDraft[]): Promise<Entry[]> {
  const keys = drafts.map(identityKeys);
  const rows = await query<CandidateRow>(
    `WITH known AS (
       SELECT coalesce(merged_into, id) AS id FROM papers
       WHERE arxiv_id = ANY($1) OR doi = ANY($2) OR title_key = ANY($3)
     )
     SELECT id, seq, ${RECORD_COLUMNS},
       ARRAY(SELECT m.title_key FROM papers m WHERE m.merged_into = papers.id) AS aliases
     FROM papers WHERE id IN (SELECT id FROM known) ORDER BY id`,
    [keys.flatMap((k) => k.arxivId ?? []), keys.flatMap((k) => k.doi ?? []), keys.map((k) => k.titleKey)],
  );
  return rows.map(toEntry);
}

function toEntry({ id, seq, aliases, ...record }: CandidateRow): Entry {
  return { id, seq, before: record, record, origin: undefined, aliases: new Set(aliases) };
}

/** Whether a draft shares a key with a stored paper, or with a draft asked about before it. */
export async function knownKeys(
  query: Query,
  drafts: readonly PaperDraft[],
): Promise<(draft: PaperDraft) => boolean> {
  const keys = drafts.map(identityKeys);
  const rows = await query<{ key: string }>(
    `SELECT arxiv_id AS key FROM papers WHERE arxiv_id = ANY($1) UNION ALL SELECT doi FROM papers WHERE doi = ANY($2)
     UNION ALL SELECT title_key FROM papers WHERE title_key = ANY($3)`,
    [keys.flatMap((k) => k.arxivId ?? []), keys.flatMap((k) => k.doi ?? []), keys.map((k) => k.titleKey)],
  );
  const known = new Set(rows.map(({ key }) => key));
  return (draft) => {
    const { arxivId, doi, titleKey } = identityKeys(draft);
    const mine = [arxivId, doi, titleKey].filter((key) => key !== null);
    const isKnown = mine.some((key) => known.has(key));
    for (const key of mine) known.add(key);
    return isKnown;
  };
}

/** Stored papers by id, as entries. */
export async function readEntries(query: Query, ids: readonly number[]): Promise<Map<number, Entry>> {
  const rows = await query<CandidateRow>(
    `SELECT id, seq, ${RECORD_COLUMNS}, ARRAY[]::text[] AS aliases FROM papers WHERE id = ANY($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, toEntry(row)]));
}

/** Pairs of these papers that an operator has parted. */
export async function readParted(query: Query, entries: readonly Entry[]): Promise<Set<string>> {
  const ids = entries.map(({ id }) => id);
  const rows = await query<{ a: number; b: number }>(
    "SELECT kept_id AS a, merged_id AS b FROM merges WHERE undone_at IS NOT NULL AND (kept_id = ANY($1) OR merged_id = ANY($1))",
    [ids],
  );
  return new Set(rows.map(({ a, b }) => pairKey(a, b)));
}
