import { cleanLine, type DigestPaper, type Paper, type SectionKind } from "@paperboy/core";
import { LRUCache } from "lru-cache";
import { abstractExcerpt } from "./excerpt.ts";
import { datedDay, wholeNumber } from "./format.ts";
import { safeUrl } from "./safe-url.ts";

/** What a mail shows of a paper: plain text only, every field bounded, every link safe. */
export interface PaperCard {
  readonly paperId: number;
  readonly title: string;
  /** Names its place within a mail. */
  readonly anchor: string;
  readonly url: string;
  /** Category, sources and day on one line. */
  readonly kicker: string;
  readonly upvotes: string | null;
  readonly authors: string;
  readonly abstract: string;
  readonly matched: string;
  readonly reason: string;
  /** What the reason is of: `Trending`, `For you`, or `New` for a new version. */
  readonly reasonLabel: string;
  readonly pdfUrl: string | null;
  readonly codeUrl: string | null;
  readonly projectUrl: string | null;
  /** Its lines in HTML, made by whoever needs them first; empty until then. */
  html: string;
  /** Its first line in the plain text, without the number that it has in a digest; empty until it is needed. */
  textStart: string;
  /** Its other lines in the plain text. */
  text: string;
  /** Sizes of `html` and `text` in UTF-8, once they were counted. */
  readonly bytes: { html?: number; text?: number };
  /** `html` and `text` as they stand in a message, once they were encoded. */
  readonly octets: { html?: Buffer; text?: Buffer };
}

const AUTHORS_SHOWN = 4;
const REASON_LENGTH = 240;
/** What the reason is of, by the section it stands in; topics give none. */
const REASON_LABELS: Readonly<Record<SectionKind, string>> = {
  topic: "",
  forYou: "For you",
  trending: "Trending",
  replacements: "New",
};

/** The card of a paper in a section of a kind, which tells what the reason is of. */
export type CardOf = (entry: DigestPaper, section: SectionKind) => PaperCard;

/** A card takes some 8 KB: more papers, in more ways in which they matched, than a morning has. */
const CARDS_KEPT = 4_000;

/**
 * Cards of papers, each made once for a paper and the words that matched, as long as the caller keeps the `Paper` object and the
 * card is among those used lately: readers who share a paper share the work.
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
    const label = REASON_LABELS[section];
    // Why a paper is for a reader is theirs alone: nobody shares the card.
    if (section === "forYou") return cardOf(paper, matched, reason, label);
    const key = `${numberOf(paper)}\n${label}\n${reason ?? ""}\n\n${matched.join("\n")}`;
    const card = known.get(key) ?? cardOf(paper, matched, reason, label);
    known.set(key, card);
    return card;
  };
}

function cardOf(
  paper: Paper,
  matched: readonly string[],
  reason: string | null,
  reasonLabel: string,
): PaperCard {
  return {
    paperId: paper.id,
    title: cleanLine(paper.title, 240) || "Untitled",
    anchor: `p${paper.id}`,
    url: safeUrl(paper.url) ?? "",
    kicker: kickerOf(paper),
    // The reason of a trending paper says it already.
    upvotes: paper.upvotes === null || paper.upvotes <= 0 || reason ? null : wholeNumber(paper.upvotes),
    authors: authorsOf(paper.authors),
    abstract: abstractExcerpt(paper.abstract),
    matched: cleanLine(matched.slice(0, 8).join(", "), 120),
    reason: cleanLine(reason ?? "", REASON_LENGTH),
    reasonLabel,
    pdfUrl: safeUrl(paper.pdfUrl),
    codeUrl: safeUrl(paper.codeUrl),
    projectUrl: safeUrl(paper.projectUrl),
    html: "",
    textStart: "",
    text: "",
    bytes: {},
    octets: {},
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
