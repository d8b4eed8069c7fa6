import type { Paper } from "@paperboy/core";
import type { Columns } from "./statement.ts";

/** The columns a `Paper` is read from; the search vector and the identity keys stay behind. */
export const PAPER_COLUMNS = `id, seq, title, abstract, authors, arxiv_id, version, doi, categories, keywords, sources,
  url, pdf_url, code_url, project_url, upvotes, stars, comments, published_at, announced_at, first_seen_at, withdrawn, mailable`;

export interface PaperRow {
  readonly id: number;
  readonly seq: number | null;
  readonly title: string;
  readonly abstract: string;
  readonly authors: string[];
  readonly arxiv_id: string | null;
  readonly version: number | null;
  readonly doi: string | null;
  readonly categories: string[];
  readonly keywords: string[];
  readonly sources: string[];
  readonly url: string;
  readonly pdf_url: string | null;
  readonly code_url: string | null;
  readonly project_url: string | null;
  readonly upvotes: number | null;
  readonly stars: number | null;
  readonly comments: number | null;
  readonly published_at: Date | null;
  readonly announced_at: Date | null;
  readonly first_seen_at: Date;
  readonly withdrawn: boolean;
  readonly mailable: boolean;
}

/** What Postgres makes of {@link PAPER_COLUMNS}. */
export const PAPER_ROW: Columns<PaperRow> = {
  id: "int",
  seq: "int?",
  title: "text",
  abstract: "text",
  authors: "text[]!",
  arxiv_id: "text?",
  version: "int?",
  doi: "text?",
  categories: "text[]!",
  keywords: "text[]!",
  sources: "text[]!",
  url: "text",
  pdf_url: "text?",
  code_url: "text?",
  project_url: "text?",
  upvotes: "int?",
  stars: "int?",
  comments: "int?",
  published_at: "instant?",
  announced_at: "instant?",
  first_seen_at: "instant",
  withdrawn: "bool",
  mailable: "bool",
};

export function toPaper(row: PaperRow): Paper {
  return {
    id: row.id,
    seq: row.seq,
    title: row.title,
    abstract: row.abstract,
    authors: row.authors,
    arxivId: row.arxiv_id,
    version: row.version,
    doi: row.doi,
    categories: row.categories,
    keywords: row.keywords,
    sources: row.sources,
    url: row.url,
    pdfUrl: row.pdf_url,
    codeUrl: row.code_url,
    projectUrl: row.project_url,
    upvotes: row.upvotes,
    stars: row.stars,
    comments: row.comments,
    publishedAt: row.published_at,
    announcedAt: row.announced_at,
    firstSeenAt: row.first_seen_at,
    withdrawn: row.withdrawn,
    mailable: row.mailable,
  };
}
