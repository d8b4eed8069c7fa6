import { LEXEMES_VERSION, type PaperText } from "@paperboy/core";
import type { Connection } from "../store/connection.ts";
import { lockToWritePapers } from "../store/locks.ts";
import { statement } from "../store/statement.ts";
import { paperTerms } from "./paper-terms.ts";

/** Says that every stored paper has the terms of this version; papers written since then have them anyway. */
const DONE = `papers have the lexemes of version ${LEXEMES_VERSION}`;
const BATCH = 500;

type Row = PaperText & { readonly id: number };

const PAPER_TEXTS = statement<Row>(
  "rebuild-terms.paperTexts",
  {
    id: "int",
    title: "text",
    abstract: "text",
    authors: "text[]!",
    keywords: "text[]!",
    categories: "text[]!",
  },
  `SELECT id, title, abstract, authors, keywords, categories FROM papers WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE`,
);

/**
 * Makes the stored terms of all papers anew when the analyzer has changed since they were written: until then a search
 * would miss papers that a topic finds. Texts and `updated_at` stay as they are. About a thousand papers a second.
 *
 * @param progress is told how many are done, before the first one and after each batch.
 * @returns how many papers were rewritten; 0 when nothing had changed.
 */
export async function rebuildTerms(
  { query, transaction, prisma }: Connection,
  progress: (done: number, total: number) => void = () => {},
): Promise<number> {
  if ((await prisma.marker.findUnique({ where: { name: DONE } })) !== null) return 0;
  const total = await prisma.paper.count();
  let done = 0;
  for (let after: number | undefined = 0; after !== undefined; ) {
    if (total > 0) progress(done, total);
    const from: number = after;
    const ids: number[] = await transaction(async (run) => {
      await lockToWritePapers(run, "rebuildTerms");
      const papers = await run(PAPER_TEXTS, [from, BATCH]);
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
