import type { Paper } from "../../src/paper.ts";

/** A paper with nothing to say but what a test gives it; `seq` is its id. */
export function paperOf(id: number, given: Partial<Paper> = {}): Paper {
  return {
    id,
    seq: id,
    title: "",
    abstract: "",
    authors: [],
    arxivId: null,
    version: null,
    doi: null,
    categories: [],
    keywords: [],
    sources: [],
    url: `https://example.org/${id}`,
    pdfUrl: null,
    codeUrl: null,
    projectUrl: null,
    upvotes: null,
    stars: null,
    comments: null,
    publishedAt: null,
    announcedAt: null,
    ...given,
  };
}
