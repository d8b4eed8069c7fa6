import type { Paper } from "../paper.ts";
import type { IndexedPaper } from "./indexed-paper.ts";
import type { ScoredLeaf } from "./resolve.ts";
import { relevance } from "./score.ts";

/** What a query matches of an index at one instant; it stays as it is when papers come and go. */
export interface QueryAnswer {
  /** Newest first. */
  readonly papers: readonly AnsweringPaper[];
  /** See {@link relevance}. */
  score(paper: AnsweringPaper): number;
}

export interface AnsweringPaper {
  readonly paper: Paper;
  readonly seq: number;
}

/** @param found papers that match, in any order. */
export function createAnswer(found: IndexedPaper[], leaves: readonly ScoredLeaf[]): QueryAnswer {
  // Papers mostly join in the order of their seq, so that this is a single pass.
  const papers = found.reverse().sort((a, b) => b.seq - a.seq);
  return { papers, score: (paper) => relevance(paper as IndexedPaper, leaves) };
}
