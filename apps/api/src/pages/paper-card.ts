import { chooseHighlights, type Paper } from "@paperboy/core";
import type { ApiContext } from "../context.ts";
import type { Highlights } from "../ports.ts";
import { dateName } from "../views/dates.ts";
import { excerptOf, joinMarked, type MarkedText, partOf } from "../views/highlight.ts";

/** A paper as lists show it. */
export interface PaperCard {
  readonly title: MarkedText;
  /** Our own page of it. */
  readonly pageUrl: string;
  readonly authors: MarkedText;
  readonly excerpt: MarkedText;
  readonly date: string | null;
  readonly categories: readonly string[];
  readonly upvotes: number | null;
  readonly links: readonly PaperLink[];
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
  why: { readonly highlights?: Highlights; readonly reason?: string | null } = {},
): PaperCard {
  const date = paper.publishedAt ?? paper.announcedAt;
  const { title = [], abstract = [], authors = [] } = why.highlights ?? {};
  return {
    title: { text: paper.title, spans: title },
    pageUrl: `${base}/papers/${paper.id}`,
    authors: authorsLine(paper.authors, authors),
    excerpt: highlightsOf({ text: paper.abstract, spans: abstract }),
    date: date && dateName(date),
    categories: paper.categories.slice(0, CATEGORIES),
    upvotes: paper.upvotes,
    links: paperLinks(paper),
    reason: why.reason ?? null,
    withdrawn: paper.withdrawn ?? false,
  };
}

/** The sentences that tell best what a paper does and what came out, as mails show them; marks stay where they are. */
function highlightsOf(abstract: MarkedText): MarkedText {
  const highlights = chooseHighlights(abstract.text);
  if (highlights.length === 0) return excerptOf(abstract, EXCERPT);
  return joinMarked(
    highlights.map((span) => partOf(abstract, span)),
    " … ",
  );
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
function authorsLine(authors: readonly string[], spans: Highlights["authors"]): MarkedText {
  const shown = authors.length <= AUTHORS ? authors : authors.slice(0, AUTHORS - 1);
  const names = shown.map((text, place) => ({ text, spans: spans[place] ?? [] }));
  const line = joinMarked(names, ", ");
  const hidden = authors.length - shown.length;
  return hidden === 0 ? line : { ...line, text: `${line.text} and ${hidden} more` };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, "") : url;
}
