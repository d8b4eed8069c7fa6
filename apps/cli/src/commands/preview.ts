import {
  composeDigest,
  composeEdition,
  parseQuery,
  parseSigningKeys,
  printQuery,
  publicPages,
} from "@paperboy/core";
import { openLibrary, type Preview, type Store } from "@paperboy/db";
import type { Renderer } from "@paperboy/mail";
import { requirePlace, writeOut } from "../runtime/write-out.ts";

/** Papers the previewed digest shows. */
const SHOWN = 20;

/**
 * Says what a topic would bring, and writes the digest of its newest matches as HTML when asked to.
 * Its links lead nowhere: the digest belongs to nobody.
 */
export async function previewTopic(
  store: Store,
  options: {
    readonly query: string;
    readonly out?: string;
    readonly publicUrl: string;
    readonly renderer: () => Promise<Renderer>;
  },
  now: Date,
): Promise<Preview> {
  if (options.out !== undefined) requirePlace(options.out);
  const query = printQuery(parseQuery(options.query));
  const library = openLibrary(store);
  const preview = await library.preview(query, now);
  if (options.out === undefined) return preview;
  const paperIds = library.matchesAbove(query, 0);
  const topic = { name: options.query, query, paperIds, total: paperIds.length };
  const explain = (text: string, id: number) => ({
    id,
    matched: library.matchedWords(text, id),
    reason: null,
  });
  const sections = composeEdition({ topics: [topic], trending: null, maxPapers: SHOWN, explain });
  const papers = new Map(
    (await store.papers.byIds(paperIds.slice(0, SHOWN))).map((paper) => [paper.id, paper]),
  );
  const pages = publicPages(options.publicUrl, parseSigningKeys("preview:nobody-signs-with-this"));
  const nobody = "00000000-0000-0000-0000-000000000000";
  const links = {
    ...pages.digest({ id: nobody, subscriptionId: nobody, manageRevision: 0, plannedAt: new Date(0) }),
    view: pages.home,
    manage: pages.home,
    unsubscribe: pages.home,
  };
  const digest = composeDigest(now.toISOString().slice(0, 10), sections, papers, links);
  await writeOut(options.out, (await options.renderer()).digest(digest).html);
  return preview;
}
