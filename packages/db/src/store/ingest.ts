import {
  checkDraft,
  enrich,
  identityKeys,
  isSamePaper,
  newRecord,
  normaliseDraft,
  type PaperDraft,
  type PaperRecord,
} from "@paperboy/core";
import { paperTerms } from "../search/paper-terms.ts";
import type { Connection, Query } from "./connection.ts";

/** How a batch of drafts changed the store; `new + updated + unchanged + refused.length` is the batch. */
export interface IngestCounts {
  readonly new: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: readonly { readonly externalId: string; readonly reason: string }[];
}

/** Serialises ingestion: two processes that see the same new paper at once must not make it twice. */
const INGEST_LOCK = 7_290_002;

/** A draft on its way to its paper. */
interface Arrival {
  readonly draft: PaperDraft;
  readonly entry: Entry;
}

/** A paper touched by the batch: stored already (`id`) or new, as it was and as it becomes. */
interface Entry {
  id: number | undefined;
  readonly before: PaperRecord | undefined;
  record: PaperRecord;
}

/**
 * Resolves drafts to papers by identity, inserts and enriches them in sets, and records a sighting for each
 * draft that shows something its source has not shown before. One transaction: all of it or nothing.
 *
 * @param now when the drafts were read; the time of a sighting whose source tells none.
 */
export async function ingest(
  connection: Connection,
  source: { readonly name: string; readonly kind: string },
  drafts: readonly PaperDraft[],
  now: Date,
): Promise<IngestCounts> {
  const clean = drafts.map(normaliseDraft);
  const refused = clean.flatMap((draft) => {
    const reason = checkDraft(draft);
    return reason === null ? [] : [{ externalId: draft.externalId, reason }];
  });
  const good = clean.filter((draft) => checkDraft(draft) === null);
  return connection.transaction(async (query) => {
    await query("SELECT pg_advisory_xact_lock($1)", [INGEST_LOCK]);
    const sourceId = await useSource(query, source, now);
    const arrivals = resolve(await candidates(query, good), good, source.name, now);
    const entries = [...new Set(arrivals.map((arrival) => arrival.entry))];
    await insertPapers(query, entries);
    await updatePapers(query, entries, now);
    const sighted = await recordSightings(query, sourceId, arrivals, now);
    return { ...count(arrivals, sighted), refused };
  });
}

async function useSource(query: Query, source: { name: string; kind: string }, now: Date): Promise<number> {
  const [row] = await query<{ id: number }>(
    `INSERT INTO sources (name, kind, last_run_at) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET last_run_at = EXCLUDED.last_run_at RETURNING id`,
    [source.name, source.kind, now],
  );
  return (row as { id: number }).id;
}

const RECORD_COLUMNS = `arxiv_id AS "arxivId", doi, title_key AS "titleKey", title, abstract, authors, categories,
  keywords, sources, version, url, pdf_url AS "pdfUrl", code_url AS "codeUrl", project_url AS "projectUrl", upvotes,
  stars, comments, to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "publishedAt",
  to_char(first_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "firstSeenAt"`;

async function candidates(query: Query, drafts: readonly PaperDraft[]): Promise<Entry[]> {
  const keys = drafts.map(identityKeys);
  const rows = await query<PaperRecord & { id: number }>(
    `SELECT id, ${RECORD_COLUMNS} FROM papers
     WHERE arxiv_id = ANY($1) OR doi = ANY($2) OR title_key = ANY($3) ORDER BY id`,
    [keys.flatMap((k) => k.arxivId ?? []), keys.flatMap((k) => k.doi ?? []), keys.map((k) => k.titleKey)],
  );
  return rows.map(({ id, ...record }) => ({ id, before: record, record }));
}

/** Finds or makes the entry of each draft, in order, so that later drafts of a batch enrich earlier ones. */
function resolve(stored: Entry[], drafts: readonly PaperDraft[], source: string, now: Date): Arrival[] {
  const byKey = new Map<string, Entry[]>();
  const remember = (entry: Entry) => {
    for (const key of keysOf(entry.record)) {
      const list = byKey.get(key) ?? [];
      if (!list.includes(entry)) byKey.set(key, [...list, entry]);
    }
  };
  for (const entry of stored) remember(entry);
  return drafts.map((draft) => {
    const known = keysOf(identityKeys(draft)).flatMap((key) => byKey.get(key) ?? []);
    let entry = known.find((candidate) => isSamePaper(candidate.record, draft));
    if (entry === undefined)
      entry = { id: undefined, before: undefined, record: newRecord(draft, source, now) };
    else entry.record = enrich(entry.record, draft, source, now);
    remember(entry);
    return { draft, entry };
  });
}

function keysOf(keys: { arxivId: string | null; doi: string | null; titleKey: string }): string[] {
  const strong = [keys.arxivId && `a:${keys.arxivId}`, keys.doi && `d:${keys.doi}`].filter(
    (key) => key !== null,
  );
  return [...(strong as string[]), `t:${keys.titleKey}`];
}

const RECORDSET = `arxiv_id text, doi text, title_key text, title text, abstract text, authors text[],
  categories text[], keywords text[], sources text[], version int, url text, pdf_url text, code_url text,
  project_url text, upvotes int, stars int, comments int, published_at timestamptz, first_seen_at timestamptz, terms text`;
const RECORD_FIELDS = RECORDSET.split(",").map((column) => column.trim().split(" ")[0] as string);

function toRecordset({ id, record }: Entry): Record<string, unknown> {
  return {
    id,
    arxiv_id: record.arxivId,
    doi: record.doi,
    title_key: record.titleKey,
    title: record.title,
    abstract: record.abstract,
    authors: record.authors,
    categories: record.categories,
    keywords: record.keywords,
    sources: record.sources,
    version: record.version,
    url: record.url,
    pdf_url: record.pdfUrl,
    code_url: record.codeUrl,
    project_url: record.projectUrl,
    upvotes: record.upvotes,
    stars: record.stars,
    comments: record.comments,
    published_at: record.publishedAt,
    first_seen_at: record.firstSeenAt,
    terms: paperTerms(record),
  };
}

async function insertPapers(query: Query, entries: readonly Entry[]): Promise<void> {
  const fresh = entries.filter((entry) => entry.id === undefined);
  if (fresh.length === 0) return;
  const values = RECORD_FIELDS.map((name) => (name === "terms" ? "terms::tsvector" : name)).join(", ");
  const rows = await query<{ id: number }>(
    `INSERT INTO papers (${RECORD_FIELDS.join(", ")})
     SELECT ${values} FROM ROWS FROM (jsonb_to_recordset($1) AS (${RECORDSET})) WITH ORDINALITY AS r ORDER BY ordinality
     RETURNING id`,
    [JSON.stringify(fresh.map(toRecordset))],
  );
  for (const [index, row] of rows.entries()) (fresh[index] as Entry).id = row.id;
}

async function updatePapers(query: Query, entries: readonly Entry[], now: Date): Promise<void> {
  const changed = entries.filter((entry) => entry.before !== undefined && entry.before !== entry.record);
  if (changed.length === 0) return;
  const sets = RECORD_FIELDS.map((name) => `${name} = r.${name}${name === "terms" ? "::tsvector" : ""}`).join(
    ", ",
  );
  await query(
    `UPDATE papers p SET ${sets}, updated_at = $2 FROM jsonb_to_recordset($1) AS r(id int, ${RECORDSET}) WHERE p.id = r.id`,
    [JSON.stringify(changed.map(toRecordset)), now],
  );
}

/** Gives the ids of papers that got a new sighting. Seeing again what the source showed last adds no row. */
async function recordSightings(
  query: Query,
  sourceId: number,
  arrivals: readonly Arrival[],
  now: Date,
): Promise<Set<number>> {
  const rows = arrivals.map(({ draft, entry }, place) => ({
    place,
    paper_id: entry.id,
    external_id: draft.externalId,
    version: draft.version ?? null,
    upvotes: draft.upvotes ?? null,
    stars: draft.stars ?? null,
    comments: draft.comments ?? null,
    observed_at: (draft.observedAt ?? now).toISOString(),
  }));
  const sighted = await query<{ paper_id: number }>(
    `WITH incoming AS (
       SELECT DISTINCT ON (paper_id, observed_at) *
       FROM jsonb_to_recordset($1) AS r(place int, paper_id int, external_id text, version int, upvotes int, stars int,
         comments int, observed_at timestamptz)
       ORDER BY paper_id, observed_at, place DESC
     )
     INSERT INTO sightings (paper_id, source_id, external_id, version, upvotes, stars, comments, observed_at)
     SELECT paper_id, $2, external_id, version, upvotes, stars, comments, observed_at FROM incoming i
     WHERE NOT EXISTS (
       SELECT FROM (
         SELECT * FROM sightings s WHERE s.paper_id = i.paper_id AND s.source_id = $2 AND s.observed_at <= i.observed_at
         ORDER BY s.observed_at DESC LIMIT 1
       ) last
       WHERE (last.version, last.upvotes, last.stars, last.comments)
         IS NOT DISTINCT FROM (i.version, i.upvotes, i.stars, i.comments)
     )
     ON CONFLICT (paper_id, source_id, observed_at) DO UPDATE SET external_id = EXCLUDED.external_id,
       version = EXCLUDED.version, upvotes = EXCLUDED.upvotes, stars = EXCLUDED.stars, comments = EXCLUDED.comments
     RETURNING paper_id`,
    [JSON.stringify(rows), sourceId],
  );
  return new Set(sighted.map((row) => row.paper_id));
}

/** A draft is new when it made its paper, updated when it changed it or brought a sighting, unchanged otherwise. */
function count(arrivals: readonly Arrival[], sighted: ReadonlySet<number>): Omit<IngestCounts, "refused"> {
  const counts = { new: 0, updated: 0, unchanged: 0 };
  const met = new Set<Entry>();
  for (const { entry } of arrivals) {
    const changed = entry.record !== entry.before || sighted.has(entry.id as number);
    if (met.has(entry)) counts.unchanged++;
    else if (entry.before === undefined) counts.new++;
    else if (changed) counts.updated++;
    else counts.unchanged++;
    met.add(entry);
  }
  return counts;
}
