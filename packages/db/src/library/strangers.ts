import { explainMatch, type Query } from "@paperboy/core";
import type { ArchivePage, ArchiveSearch, Hit } from "../search/archive.ts";
import type { WindowAnswer } from "../search/newest-matches.ts";
import type { Store } from "../store/store.ts";
import type { HighlightedPaper } from "./found-paper.ts";
import { inSlices } from "./in-slices.ts";
import type { PaperWindow } from "./paper-window.ts";

/** A paper of a large collaboration has thousands of authors, and lists show a few. */
const MARKED_AUTHORS = 10;
/** How long papers are explained before others get the thread. */
const SLICE_MS = 5;

/** A page of the archive. */
export interface AnsweredPage extends ArchivePage {
  /** What the index answered of the query; null when Postgres was asked for all of it. */
  readonly answered: WindowAnswer | null;
}

/** How far behind an index may be that answers; papers announced since are asked of Postgres whatever it is. */
const BEHIND_MS = 10_000;

/**
 * What strangers ask of the archive. A query's cost is counted in the index first, and one that costs too much is refused. What
 * costs little is answered from the index at once, as far as its papers go; Postgres evaluates the rest within its deadline, in
 * a process of its own, so that this one stays free for others.
 */
export function strangersArchive(window: PaperWindow, archive: Store["archive"]) {
  const answer = async (query: Query) => {
    window.index.requireAffordable(query);
    if (window.index.size > 0) await window.refreshWithin(BEHIND_MS);
    return window.answer(query);
  };
  return {
    search: async (query: Query, options: ArchiveSearch): Promise<AnsweredPage> => {
      const answered = await answer(query);
      return { ...(await archive.search(query, options, answered)), answered };
    },
    preview: async (query: Query, span: Parameters<Store["archive"]["preview"]>[1]) =>
      archive.preview(query, span, await answer(query)),
  };
}

/** Papers with what matched in them. */
export const explainAll = (query: Query, hits: readonly Hit[]): Promise<HighlightedPaper[]> =>
  inSlices(explainEach(query, hits), undefined, SLICE_MS);

function* explainEach(query: Query, hits: readonly Hit[]): Generator<void, HighlightedPaper[]> {
  const explained: HighlightedPaper[] = [];
  for (const hit of hits) {
    explained.push(explain(query, hit));
    yield;
  }
  return explained;
}

function explain(query: Query, { paper, score }: Hit): HighlightedPaper {
  const { matched, title, abstract, authors } = explainMatch(query, paper);
  return {
    paper,
    score,
    matched,
    highlights: { title, abstract, authors: authors.slice(0, MARKED_AUTHORS) },
  };
}

/** Papers as they are, for whoever shows no marks. */
export const unexplained = (hits: readonly Hit[]): HighlightedPaper[] =>
  hits.map((hit) => ({ ...hit, matched: [], highlights: { title: [], abstract: [], authors: [] } }));
