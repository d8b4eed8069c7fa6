import { cleanLine, type DigestPaper, type Paper, type SectionKind } from "@paperboy/core";
import { LRUCache } from "lru-cache";
import { type CutLines, cutAtMarks } from "./compose/pieces.ts";
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
  /** What is made of the card once, by whoever needs it first, for all readers whom the paper matched. */
  readonly shared: SharedLines;
}

/** A card's lines, in which the words of one reader are marked: by whether there are words that matched. */
export interface SharedLines {
  readonly html: Map<boolean, CutLines>;
  /** Without its first line, which has the number that the card has in a digest. */
  readonly text: Map<boolean, CutLines>;
}

/** Stand in shared lines where the words that matched do, and the reason; no text that is filled in can hold them. */
export const MATCHED = "\u0001";
export const REASON = "\u0002";

/** The lines of a card in one form, made once: `makeLines` is given the card with marks in the place of a reader's words. */
export function sharedLines(
  card: PaperCard,
  form: keyof SharedLines,
  makeLines: (marked: PaperCard) => string,
): CutLines {
  const known = card.shared[form];
  const isMatched = card.matched !== "";
  const made = known.get(isMatched);
  if (made !== undefined) return made;
  const marked = { ...card, matched: isMatched ? MATCHED : "", reason: card.reason === "" ? "" : REASON };
  const lines = cutAtMarks(makeLines(marked), [MATCHED, REASON], `paper ${card.paperId} (${card.title})`);
  known.set(isMatched, lines);
  return lines;
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

/** A card takes some 10 KB; a morning has fewer papers. */
const CARDS_KEPT = 4_000;

/**
 * Cards of papers. All but the words that matched, and the reason, is made once for a paper, as long as the caller keeps the `Paper` object and the
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
    const label = REASON_LABELS[section];
    const why = cleanLine(reason ?? "", REASON_LENGTH);
    const key = `${numberOf(paper)} ${label} ${why !== ""}`;
    const card = known.get(key) ?? cardOf(paper, why !== "", label);
    known.set(key, card);
    return { ...card, matched: cleanLine(matched.slice(0, 8).join(", "), 120), reason: why };
  };
}

/** A card without the words of any reader. */
function cardOf(paper: Paper, hasReason: boolean, reasonLabel: string): PaperCard {
  const { upvotes } = paper;
  return {
    paperId: paper.id,
    title: cleanLine(paper.title, 240) || "Untitled",
    anchor: `p${paper.id}`,
    url: safeUrl(paper.url) ?? "",
    kicker: kickerOf(paper),
    // The reason of a trending paper says it already.
    upvotes: upvotes === null || upvotes <= 0 || hasReason ? null : wholeNumber(upvotes),
    authors: authorsOf(paper.authors),
    abstract: abstractExcerpt(paper.abstract),
    matched: "",
    reason: "",
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
