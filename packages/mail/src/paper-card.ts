import { cleanLine, type DigestPaper, type Paper, type SectionKind } from "@paperboy/core";
import { LRUCache } from "lru-cache";
import type { CutLines } from "./compose/pieces.ts";
import { abstractExcerpt } from "./excerpt.ts";
import { datedDay, wholeNumber } from "./format.ts";
import { safeUrl } from "./safe-url.ts";

/** What a mail shows of a paper: plain text only, every field bounded, every link safe. */
export interface PaperCard {
  readonly paperId: number;
  readonly title: string;
  readonly url: string;
  /** Category, sources and day on one line. */
  readonly kicker: string;
  readonly upvotes: string | null;
  readonly authors: string;
  readonly abstract: string;
  readonly matched: string;
  readonly reason: string;
  /** What the reason is of: `Trending`, or `New` for a new version. */
  readonly reasonLabel: string;
  readonly pdfUrl: string | null;
  readonly codeUrl: string | null;
  readonly projectUrl: string | null;
  /** What is made of the card once, by whoever needs it first, for all readers whom the paper matched. */
  readonly shared: SharedLines;
}

/** A card's lines, in which the words that matched are marked: by whether there are such words. */
export interface SharedLines {
  readonly html: Map<boolean, CutLines>;
  /** Without its first line, which has the number that the card has in a digest. */
  readonly text: Map<boolean, CutLines>;
}

/** Stands in shared lines where the words that matched do; no text that is filled in can hold it. */
export const MATCHED = "\u0001";

const AUTHORS_SHOWN = 4;

/** The card of a paper in a section of a kind, which tells what the reason is of. */
export type CardOf = (entry: DigestPaper, section: SectionKind) => PaperCard;

/** A card takes some 10 KB; a morning has fewer papers. */
const CARDS_KEPT = 4_000;

/**
 * Cards of papers. All but the words that matched is made once for a paper, as long as the caller keeps the `Paper` object and the
 * card is among those used lately: readers who share a paper share the work, whatever they asked for.
 */
export function createCards(): CardOf {
  const known = new LRUCache<string, PaperCard>({ max: CARDS_KEPT });
  const numbers = new WeakMap<Paper, number>();
  let count = 0;
  const numberOf = (paper: Paper): number => {
    const number = numbers.get(paper) ?? count++;
    numbers.set(paper, number);
    return number;
  };
  return ({ paper, matched, reason }, section) => {
    const label = section === "replacements" ? "New" : "Trending";
    const key = `${numberOf(paper)}\n${label}\n${reason ?? ""}`;
    const card = known.get(key) ?? cardOf(paper, reason, label);
    known.set(key, card);
    return { ...card, matched: cleanLine(matched.slice(0, 8).join(", "), 120) };
  };
}

function cardOf(paper: Paper, reason: string | null, reasonLabel: string): PaperCard {
  return {
    paperId: paper.id,
    title: cleanLine(paper.title, 240) || "Untitled",
    url: safeUrl(paper.url) ?? "",
    kicker: kickerOf(paper),
    // The reason of a trending paper says it already.
    upvotes: paper.upvotes === null || paper.upvotes <= 0 || reason ? null : wholeNumber(paper.upvotes),
    authors: authorsOf(paper.authors),
    abstract: abstractExcerpt(paper.abstract),
    matched: "",
    reason: cleanLine(reason ?? "", 80),
    reasonLabel,
    pdfUrl: safeUrl(paper.pdfUrl),
    codeUrl: safeUrl(paper.codeUrl),
    projectUrl: safeUrl(paper.projectUrl),
    shared: { html: new Map(), text: new Map() },
  };
}

function kickerOf({ categories, sources, publishedAt, withdrawn }: Paper): string {
  const day = publishedAt ? datedDay(publishedAt) : "";
  const parts = [
    withdrawn ? "Withdrawn" : "",
    cleanLine(categories[0] ?? "", 40),
    cleanLine(sources.slice(0, 3).join(", "), 80),
    day,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function authorsOf(authors: readonly string[]): string {
  // "and 1 more" takes as much room as the name it hides.
  const shown = authors.length === AUTHORS_SHOWN + 1 ? authors : authors.slice(0, AUTHORS_SHOWN);
  const rest = authors.length - shown.length;
  const names = shown.map((name) => cleanLine(name, 48)).join(", ");
  return rest > 0 ? `${names} and ${rest} more` : names;
}
