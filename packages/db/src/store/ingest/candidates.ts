import { identityKeys, type PaperDraft, type PaperRecord, TITLE_ID, titleKeyParts } from "@paperboy/core";
import type { Query } from "../connection.ts";
import { type Columns, statement } from "../statement.ts";
import type { Entry } from "./entry.ts";
import { pairKey } from "./resolve.ts";

const RECORD_COLUMNS = `arxiv_id AS "arxivId", doi, title_key AS "titleKey", title, abstract, authors, categories,
  keywords, sources, version, url, pdf_url AS "pdfUrl", code_url AS "codeUrl", project_url AS "projectUrl", upvotes,
  stars, comments, to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "publishedAt",
  to_char(first_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "firstSeenAt", withdrawn, mailable`;

/** What the sightings of a paper tell: the newest that shows any signal, and its ids at one source. */
const SIGHTED = `LATERAL (
  SELECT max(observed_at) FILTER (WHERE s.upvotes > 0 OR s.stars > 0 OR s.comments > 0) AS "signalsAt",
    coalesce(array_agg(DISTINCT external_id) FILTER (WHERE s.source_id = $5), '{}') AS "shownAs"
  FROM sightings s WHERE s.paper_id = papers.id
)`;

type CandidateRow = PaperRecord & {
  id: number;
  seq: number | null;
  aliases: string[];
  signalsAt: Date | null;
  shownAs: string[];
};

const CANDIDATE_ROW: Columns<CandidateRow> = {
  id: "int",
  seq: "int?",
  arxivId: "text?",
  doi: "text?",
  titleKey: "text",
  title: "text",
  abstract: "text",
  authors: "text[]!",
  categories: "text[]!",
  keywords: "text[]!",
  sources: "text[]!",
  version: "int?",
  url: "text",
  pdfUrl: "text?",
  codeUrl: "text?",
  projectUrl: "text?",
  upvotes: "int?",
  stars: "int?",
  comments: "int?",
  publishedAt: "text?",
  firstSeenAt: "text!",
  withdrawn: "bool",
  mailable: "bool",
  signalsAt: "instant?",
  shownAs: "text[]!",
  aliases: "text[]!",
};

/**
 * Papers by each kind of key. One look into an index for each key, whatever the planner believes: while an archive is
 * ingested, statistics are missing, and it would read the whole table for each batch. A title without author is looked for
 * as the range of keys it begins, which holds whole words where the database sorts by code point, as ours does.
 */
const byKey = (most: number): string => `
  SELECT p.*, key FROM unnest($1::text[]) AS key, LATERAL (
    SELECT id, merged_into FROM papers WHERE arxiv_id = key LIMIT 1) p
  UNION ALL SELECT p.*, key FROM unnest($2::text[]) AS key, LATERAL (
    SELECT id, merged_into FROM papers WHERE doi = key LIMIT 1) p
  UNION ALL SELECT p.*, key FROM unnest($3::text[]) AS key, LATERAL (
    SELECT id, merged_into FROM papers WHERE title_key = key LIMIT ${most}) p
  UNION ALL SELECT p.*, key FROM unnest($4::text[]) AS key, LATERAL (
    SELECT id, merged_into FROM papers
    WHERE title_key >= key || '|' AND title_key < key || '}' AND starts_with(title_key, key || '|') LIMIT ${most}) p`;
/** Papers of one title that are looked at; "Editorial" may be thousands. */
const MOST_OF_A_TITLE = 500;

const READ_CANDIDATES = statement<CandidateRow>(
  "candidates.readCandidates",
  CANDIDATE_ROW,
  `WITH known AS (SELECT coalesce(merged_into, id) AS id FROM (${byKey(MOST_OF_A_TITLE)}) AS found UNION SELECT unnest($6::int[]))
     SELECT id, seq, ${RECORD_COLUMNS}, "signalsAt", "shownAs",
       ARRAY(SELECT m.title_key FROM papers m WHERE m.merged_into = papers.id) AS aliases
     FROM papers, ${SIGHTED} AS sighted WHERE id = ANY(ARRAY(SELECT id FROM known)) ORDER BY id`,
);

/** Stored papers that share a key with any of the drafts, oldest first; one found by the title of a paper merged into it, too. */
export async function readCandidates(
  query: Query,
  sourceId: number,
  drafts: readonly PaperDraft[],
): Promise<Entry[]> {
  const shown = await readShown(query, sourceId, drafts);
  const rows = await query(READ_CANDIDATES, [...lookedFor(drafts), sourceId, shown]);
  return rows.map(toEntry);
}

const READ_SHOWN = statement<{ id: number }>(
  "candidates.readShown",
  { id: "int!" },
  `SELECT DISTINCT coalesce(p.merged_into, p.id) AS id FROM sources c JOIN sightings s ON s.source_id = c.id
     JOIN papers p ON p.id = s.paper_id WHERE c.id = $1 AND c.kind <> 'file' AND s.external_id = ANY($2)`,
);

/**
 * Papers that a feed has shown under the ids of drafts by which nothing else is known: their titles may have been corrected.
 * Files are left out: there is no index to find such an id by, and a file may have millions.
 */
async function readShown(query: Query, sourceId: number, drafts: readonly PaperDraft[]): Promise<number[]> {
  const bare = drafts.filter((draft) => {
    const { arxivId, doi } = identityKeys(draft);
    return arxivId === null && doi === null && !draft.externalId.startsWith(TITLE_ID);
  });
  if (bare.length === 0) return [];
  const rows = await query(READ_SHOWN, [sourceId, bare.map(({ externalId }) => externalId)]);
  return rows.map(({ id }) => id);
}

/** arXiv ids, DOIs, title keys and titles without author: the parameters of {@link byKey}. */
function lookedFor(drafts: readonly PaperDraft[]): string[][] {
  const keys = drafts.map(identityKeys);
  const titles = keys.map(({ titleKey }) => titleKeyParts(titleKey));
  const bareTitles = titles.filter(({ author }) => author === "").map(({ title }) => title);
  // A source that named no author may have been first.
  const titleKeys = [...keys.map(({ titleKey }) => titleKey), ...titles.map(({ title }) => `${title}|`)];
  return [
    keys.flatMap(({ arxivId }) => arxivId ?? []),
    keys.flatMap(({ doi }) => doi ?? []),
    [...new Set(titleKeys)],
    [...new Set(bareTitles)],
  ];
}

function toEntry({ id, seq, aliases, signalsAt, shownAs, ...record }: CandidateRow): Entry {
  return {
    ...{ id, seq, before: record, record, origin: undefined, signalsAt },
    aliases: new Set(aliases),
    shownAs: new Set(shownAs),
  };
}

const KNOWN_KEYS = statement<{ key: string }>(
  "candidates.knownKeys",
  { key: "text!" },
  `SELECT DISTINCT key FROM (${byKey(1)}) AS found`,
);

/** Whether a draft shares a key with a stored paper, or with a draft asked about before it. */
export async function knownKeys(
  query: Query,
  drafts: readonly PaperDraft[],
): Promise<(draft: PaperDraft) => boolean> {
  const rows = await query(KNOWN_KEYS, lookedFor(drafts));
  const known = new Set(rows.map(({ key }) => key));
  return (draft) => {
    const { arxivId, doi, titleKey } = identityKeys(draft);
    const mine = [arxivId, doi, titleKey].filter((key) => key !== null);
    const isKnown = mine.some((key) => known.has(key));
    for (const key of mine) known.add(key);
    return isKnown;
  };
}

const READ_ENTRIES = statement<CandidateRow>(
  "candidates.readEntries",
  CANDIDATE_ROW,
  `SELECT id, seq, ${RECORD_COLUMNS}, NULL::timestamptz AS "signalsAt", ARRAY[]::text[] AS "shownAs", ARRAY[]::text[] AS aliases FROM papers WHERE id = ANY($1)`,
);

/** Stored papers by id, as entries. */
export async function readEntries(query: Query, ids: readonly number[]): Promise<Map<number, Entry>> {
  const rows = await query(READ_ENTRIES, [ids]);
  return new Map(rows.map((row) => [row.id, toEntry(row)]));
}

const READ_UNMERGED = statement<{ a: number; b: number }>(
  "candidates.readUnmerged",
  { a: "int!", b: "int!" },
  `WITH RECURSIVE unmerged AS (
       SELECT id AS merge, kept_id, merged_id FROM merges WHERE undone_at IS NOT NULL
     ), members AS (
       SELECT merge, merged_id AS member FROM unmerged
       UNION SELECT m.merge, e.merged_id FROM members m JOIN merges e ON e.kept_id = m.member AND e.id < m.merge
     )
     SELECT a, b FROM unmerged JOIN members USING (merge), LATERAL (
       SELECT (SELECT coalesce(merged_into, id) FROM papers WHERE id = kept_id) AS a,
         (SELECT coalesce(merged_into, id) FROM papers WHERE id = member) AS b
     ) living
     WHERE a = ANY($1) OR b = ANY($1)`,
);

/** Pairs of these papers that an operator has unmerged, with all that had been joined to either by then. */
export async function readUnmerged(query: Query, entries: readonly Entry[]): Promise<Set<string>> {
  const rows = await query(READ_UNMERGED, [entries.map(({ id }) => id)]);
  return new Set(rows.map(({ a, b }) => pairKey(a, b)));
}
