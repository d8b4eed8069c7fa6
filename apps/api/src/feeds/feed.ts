import type { Paper, PublicPages } from "@paperboy/core";

/** A list of papers as feed readers know it. */
export interface Feed {
  readonly title: string;
  readonly description: string;
  /** The feed's own address. */
  readonly selfUrl: string;
  /** The page that shows the same. */
  readonly pageUrl: string;
  /** When the newest of its papers was announced; the epoch when it is empty. */
  readonly updated: Date;
  readonly entries: readonly FeedEntry[];
}

export interface FeedEntry {
  /** Never changes: our own page of the paper. */
  readonly id: string;
  readonly url: string;
  readonly title: string;
  readonly summary: string;
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  readonly published: Date;
  readonly updated: Date;
}

/** Nobody reads two thousand names in a feed; the paper has them all. */
const MAX_AUTHORS = 50;

export function toFeed(
  head: Pick<Feed, "title" | "description" | "selfUrl" | "pageUrl">,
  papers: readonly Paper[],
  pages: PublicPages,
): Feed {
  const entries = papers.map((paper) => toEntry(paper, pages));
  const updated = new Date(Math.max(0, ...entries.map((entry) => entry.updated.getTime())));
  return { ...head, updated, entries };
}

function toEntry(paper: Paper, pages: PublicPages): FeedEntry {
  const id = pages.paper(paper.id);
  const announced = paper.announcedAt ?? paper.publishedAt ?? new Date(0);
  return {
    id,
    url: paper.url || id,
    title: paper.title,
    summary: paper.abstract,
    authors: paper.authors.slice(0, MAX_AUTHORS),
    categories: paper.categories,
    published: paper.publishedAt ?? announced,
    updated: announced,
  };
}
