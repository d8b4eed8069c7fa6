import type { Library, SearchOptions } from "@paperboy/db";

/** One paper a search found, as tools read it. */
export interface FoundLine {
  readonly id: number;
  readonly title: string;
  readonly url: string;
  readonly score: number;
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  readonly upvotes: number | null;
  readonly matched: readonly string[];
}

export interface SearchReport {
  readonly total: number;
  /** Whether more match than were counted. */
  readonly isMore: boolean;
  readonly papers: readonly FoundLine[];
  readonly next: string | null;
}

/** Searches the announced papers. A paper without a page of its own is linked to ours. */
export async function searchPapers(
  library: Library,
  options: SearchOptions,
  publicUrl: string,
): Promise<SearchReport> {
  const { total, isMore, papers, next } = await library.search(options);
  const lines = papers.map(({ paper, score, matched }) => ({
    id: paper.id,
    title: paper.title,
    url: paper.url || `${publicUrl}/papers/${paper.id}`,
    score,
    authors: paper.authors,
    categories: paper.categories,
    upvotes: paper.upvotes,
    matched,
  }));
  return { total, isMore, papers: lines, next };
}

/** The same for people. */
export function formatSearch({ total, isMore, papers }: SearchReport): string {
  const lines = papers.map(
    ({ title, url, matched }) => `${title}\n  ${url}${matched.length > 0 ? `\n  ${matched.join(", ")}` : ""}`,
  );
  return [`${total}${isMore ? "+" : ""} ${total === 1 ? "paper" : "papers"}`, ...lines].join("\n\n");
}
