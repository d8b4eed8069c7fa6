import { highlight, matchedWords, type Paper, type Query, type Span } from "@paperboy/core";

/** A paper that answers a query, and the words that made it. */
export interface FoundPaper {
  readonly paper: Paper;
  readonly score: number;
  readonly matched: readonly string[];
}

/** A paper with the stretches of its texts that matched, ascending, in UTF-16 offsets. */
export interface HighlightedPaper extends FoundPaper {
  readonly highlights: {
    readonly title: readonly Span[];
    readonly abstract: readonly Span[];
    /** Of the first ten authors, one list for each. */
    readonly authors: readonly (readonly Span[])[];
  };
}

/** A paper of a large collaboration has thousands, and lists show a few. */
const MARKED_AUTHORS = 10;

/** A paper with what a query matched of it. */
export function explained(query: Query, paper: Paper, score: number): HighlightedPaper {
  const highlights = {
    title: highlight(query, paper.title, "title"),
    abstract: highlight(query, paper.abstract, "abstract"),
    authors: paper.authors.slice(0, MARKED_AUTHORS).map((name) => highlight(query, name, "author")),
  };
  return { paper, score, matched: matchedWords(query, paper), highlights };
}
