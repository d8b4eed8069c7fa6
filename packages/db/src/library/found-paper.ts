import type { Paper, Span } from "@paperboy/core";

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
