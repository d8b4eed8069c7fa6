import { LEXEMES_VERSION, type PaperText } from "@paperboy/core";
import { type Connection, LATE_INDEXING } from "../store/connection.ts";
import { paperTerms } from "./paper-terms.ts";

/** Says that every stored paper has the terms of this version; papers written since then have them anyway. */
const DONE = `papers have the lexemes of version ${LEXEMES_VERSION}`;
const BATCH = 500;
/** One process rebuilds at a time; a second one that waited finds little to do and does it again, which changes nothing. */
const REBUILD_LOCK = 7_290_011;

type Row = PaperText & { readonly id: number };

/**
 * Makes the stored terms of all papers anew when the analyzer has changed since they were written: until then a search
 * would miss papers that a topic finds. Texts and `updated_at` stay as they are. About a thousand papers a second.
 *
 * @param progress is told how many are done, before the first one and after each batch.
 * @returns how many papers were rewritten; 0 when nothing had changed.
 */
export async function rebuildTerms(
  { query, transaction }: Connection,
  progress: (done: number, total: number) => void = () => {},
): Promise<number> {
  const [known] = await query<{ at: Date }>("SELECT at FROM markers WHERE name = $1", [DONE]);
  if (known !== undefined) return 0;
  const [count] = await query<{ n: number }>("SELECT count(*)::int AS n FROM papers");
  const total = count?.n ?? 0;
  let done = 0;
  for (let after: number | undefined = 0; after !== undefined; ) {
    if (total > 0) progress(done, total);
    const from: number = after;
    const ids: number[] = await transaction(async (run) => {
      await run(`SELECT pg_advisory_xact_lock($1), ${LATE_INDEXING}`, [REBUILD_LOCK]);
      const papers = await run<Row>(
        `SELECT id, title, abstract, authors, keywords, categories FROM papers WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE`,
        [from, BATCH],
      );
      await run(
        `UPDATE papers p SET terms = r.terms::tsvector
         FROM unnest($1::int[], $2::text[]) AS r(id, terms) WHERE p.id = r.id`,
        [papers.map(({ id }) => id), papers.map(paperTerms)],
      );
      return papers.map(({ id }) => id);
    });
    done += ids.length;
    after = ids.at(-1);
  }
  if (done > 0) await query("SELECT gin_clean_pending_list('papers_terms_idx')");
  await query("INSERT INTO markers (name, at) VALUES ($1, now()) ON CONFLICT (name) DO NOTHING", [DONE]);
  return done;
}
