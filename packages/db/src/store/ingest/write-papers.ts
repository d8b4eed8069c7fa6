import type { PaperDraft, PaperRecord } from "@paperboy/core";
import { paperTerms } from "../../search/paper-terms.ts";
import type { Copy, Query } from "../connection.ts";
import { copyField } from "../copy-field.ts";
import { statement } from "../statement.ts";
import type { Entry } from "./entry.ts";

const RECORDSET = `arxiv_id text, doi text, title_key text, title text, abstract text, authors text[],
  categories text[], keywords text[], sources text[], version int, url text, pdf_url text, code_url text,
  project_url text, upvotes int, stars int, comments int, published_at timestamptz, first_seen_at timestamptz,
  withdrawn boolean, mailable boolean, terms text`;
const FIELDS = RECORDSET.split(",").map((column) => column.trim().split(" ")[0] as string);

/** What a draft that looks new will be, made before its batch gets its turn. */
export interface Prepared {
  readonly record: PaperRecord;
  /** The row as COPY takes it, without the id it will get. */
  readonly line: string;
}

export const prepareRow = (record: PaperRecord): Prepared => ({ record, line: copyLine(record) });

function toRow(record: PaperRecord): Record<string, unknown> {
  return {
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
    withdrawn: record.withdrawn,
    mailable: record.mailable,
    terms: paperTerms(record),
  };
}

function copyLine(record: PaperRecord): string {
  const row = toRow(record);
  return FIELDS.map((name) => copyField(row[name])).join("\t");
}

const NEXT_IDS = statement<{ id: number }>(
  "write-papers.nextIds",
  { id: "int!" },
  "SELECT nextval(pg_get_serial_sequence('papers', 'id'))::int AS id FROM generate_series(1, $1)",
);

/** Writes papers that are new, and gives their entries the ids they got. Under the ingest lock nothing can collide. */
export async function insertPapers(
  query: Query,
  copy: Copy,
  entries: readonly Entry[],
  prepared: ReadonlyMap<PaperDraft, Prepared>,
): Promise<void> {
  const fresh = entries.filter(({ id }) => id === undefined);
  if (fresh.length === 0) return;
  const ids = await query(NEXT_IDS, [fresh.length]);
  const lines = fresh.map((entry, place) => {
    const id = ids[place]?.id as number;
    const known = entry.origin && prepared.get(entry.origin);
    entry.id = id;
    return `${id}\t${known?.line ?? copyLine(entry.record)}\n`;
  });
  // In one piece: each line on its own would be a message of its own.
  await copy(`COPY papers (id, ${FIELDS.join(", ")}) FROM STDIN`, [lines.join("")]);
}

/**
 * Writes what has changed of papers that were there; `updated_at` goes by the database's clock, as `created_at` does. One
 * that was no news so far and is now gets a place in the order anew: no watermark has passed it then.
 */
export async function updatePapers(query: Query, entries: readonly Entry[]): Promise<void> {
  const changed = entries.filter(({ before, record }) => before !== undefined && before !== record);
  if (changed.length === 0) return;
  const rows = changed.map((entry) => ({ id: entry.id, ...toRow(entry.record) }));
  const sets = FIELDS.map((name) => `${name} = r.${name}${name === "terms" ? "::tsvector" : ""}`).join(", ");
  await query(
    `UPDATE papers p SET ${sets}, updated_at = now() FROM jsonb_to_recordset($1) AS r(id int, ${RECORDSET}) WHERE p.id = r.id`,
    [JSON.stringify(rows)],
  );
  const news = changed.filter(({ before, record }) => before?.mailable === false && record.mailable);
  if (news.length === 0) return;
  await query("UPDATE papers SET seq = NULL, announced_at = NULL WHERE id = ANY($1)", [
    news.map(({ id }) => id),
  ]);
}
