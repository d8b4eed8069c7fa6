import { cutAtWord, type Paper } from "@paperboy/core";
import type { ApiContext } from "../context.ts";
import { dateName } from "../views/dates.ts";

/** A paper as lists show it. */
export interface PaperCard {
  readonly title: string;
  /** Our own page of it. */
  readonly pageUrl: string;
  readonly authors: string;
  readonly excerpt: string;
  readonly date: string | null;
  readonly categories: readonly string[];
  readonly upvotes: number | null;
  readonly links: readonly PaperLink[];
  readonly matched: readonly string[];
  readonly reason: string | null;
  readonly withdrawn: boolean;
}

export interface PaperLink {
  readonly label: string;
  readonly url: string;
}

const EXCERPT = 320;
const AUTHORS = 4;
const CATEGORIES = 3;

export function toCard(
  { base }: Pick<ApiContext, "base">,
  paper: Paper,
  why: { readonly matched?: readonly string[]; readonly reason?: string | null } = {},
): PaperCard {
  const date = paper.publishedAt ?? paper.announcedAt;
  return {
    title: paper.title,
    pageUrl: `${base}/papers/${paper.id}`,
    authors: authorsLine(paper.authors),
    excerpt: cutAtWord(paper.abstract, EXCERPT),
    date: date && dateName(date),
    categories: paper.categories.slice(0, CATEGORIES),
    upvotes: paper.upvotes,
    links: paperLinks(paper),
    matched: why.matched ?? [],
    reason: why.reason ?? null,
    withdrawn: paper.withdrawn ?? false,
  };
}

/** Where the paper itself, its code and its project can be found. */
export function paperLinks(paper: Paper): PaperLink[] {
  const links = [
    { label: hostOf(paper.url), url: paper.url },
    { label: "PDF", url: paper.pdfUrl },
    { label: "Code", url: paper.codeUrl },
    { label: "Project", url: paper.projectUrl },
  ];
  return links.filter((link): link is PaperLink => Boolean(link.url));
}

/** `Ada Lovelace, Charles Babbage and 7 more` */
export function authorsLine(authors: readonly string[]): string {
  if (authors.length <= AUTHORS) return authors.join(", ");
  const shown = authors.slice(0, AUTHORS - 1);
  return `${shown.join(", ")} and ${authors.length - shown.length} more`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, "") : url;
}
