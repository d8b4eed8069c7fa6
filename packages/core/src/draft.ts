import { cleanLine, cleanUrl } from "./clean-text.ts";
import { arxivRef, journalDoi } from "./identity.ts";
import type { PaperDraft, Refusal } from "./paper.ts";
import { isName, nameFromTex } from "./tex-names.ts";
import { titleKey } from "./title-key.ts";

/** Bounds of a normalised draft, in UTF-16 units and counts; past them text is cut at a word, lists at the end. */
export const DRAFT_LIMITS = {
  title: 1_000,
  abstract: 20_000,
  externalId: 500,
  authors: 2_000,
  author: 200,
  categories: 50,
  category: 64,
  keywords: 50,
  keyword: 100,
  url: 2_000,
} as const;

/** The largest integer the store holds. */
const MAX_INTEGER = 2 ** 31 - 1;

function cleanList(values: readonly string[], max: number, each: number): string[] {
  const seen = new Map<string, string>();
  for (const value of values) {
    const clean = cleanLine(value, each);
    const key = clean.toLowerCase();
    if (clean && !seen.has(key)) seen.set(key, clean);
    if (seen.size === max) break;
  }
  return [...seen.values()];
}

const count = (value: number | undefined, least = 0) =>
  value !== undefined && Number.isInteger(value) && value >= least && value <= MAX_INTEGER
    ? value
    : undefined;

/** Four-digit years only: outside them ISO 8601 and Postgres part ways. */
function cleanDate(date: Date | undefined): Date | undefined {
  const year = date?.getUTCFullYear() ?? Number.NaN;
  return year >= 1000 && year <= 9999 ? date : undefined;
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Leaves out what is undefined, so that "absent" has one spelling. */
function present(fields: Loose<PaperDraft>): PaperDraft {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept as unknown as PaperDraft;
}

/** Drafts that went through {@link normaliseDraft}: once is enough, and drafts are never changed. */
const normalised = new WeakSet<PaperDraft>();

/** Notes that a draft went through {@link normaliseDraft} in another thread, where what is noted here is not known. */
export const acceptNormalised = (draft: PaperDraft): void => {
  normalised.add(draft);
};

const link = (text: string | undefined) =>
  text === undefined ? undefined : cleanUrl(text, DRAFT_LIMITS.url);

/**
 * A draft as the store keeps it: clean bounded text, arXiv id apart from its version, DOI without resolver,
 * http(s) links only, lists without duplicates, signals and dates that make sense or are absent.
 * Normalising twice changes nothing. Text stays text: markup in it is kept and escaped wherever it is shown.
 */
export function normaliseDraft(draft: PaperDraft): PaperDraft {
  if (normalised.has(draft)) return draft;
  const title = cleanLine(draft.title, DRAFT_LIMITS.title);
  const authors = cleanList(
    // Twice as many, since some may be no names.
    draft.authors
      .slice(0, DRAFT_LIMITS.authors * 2)
      .map(nameFromTex)
      .filter(isName),
    DRAFT_LIMITS.authors,
    DRAFT_LIMITS.author,
  );
  const arxiv = arxivRef(draft);
  const doi = journalDoi(draft) ?? undefined;
  const externalId = cleanLine(draft.externalId, DRAFT_LIMITS.externalId);
  const { categories, keywords } = draft;
  const clean = present({
    externalId: externalId || (arxiv?.id ?? doi ?? titleKey(title, authors)),
    title,
    abstract: cleanLine(draft.abstract, DRAFT_LIMITS.abstract),
    authors,
    arxivId: arxiv?.id,
    version: count(draft.version, 1) ?? arxiv?.version,
    doi,
    categories: categories && cleanList(categories, DRAFT_LIMITS.categories, DRAFT_LIMITS.category),
    keywords: keywords && cleanList(keywords, DRAFT_LIMITS.keywords, DRAFT_LIMITS.keyword),
    url: link(draft.url),
    pdfUrl: link(draft.pdfUrl),
    codeUrl: link(draft.codeUrl),
    projectUrl: link(draft.projectUrl),
    upvotes: count(draft.upvotes),
    stars: count(draft.stars),
    comments: count(draft.comments),
    publishedAt: cleanDate(draft.publishedAt),
    announceType: draft.announceType,
    withdrawn: draft.withdrawn === true || undefined,
    listedAt: cleanDate(draft.listedAt),
    observedAt: cleanDate(draft.observedAt),
  });
  normalised.add(clean);
  return clean;
}

/**
 * Why a normalised draft cannot become a paper, or null when it can. A paper needs a title and nothing else:
 * some sources list papers before their abstract is known, and a later sighting fills it in.
 */
export function checkDraft(draft: PaperDraft): string | null {
  return draft.title === "" ? "the title is missing or empty" : null;
}

/** A refusal that can be kept and shown: what a bad record calls itself may hold anything. */
export const cleanRefusal = ({ at, reason }: Refusal): Refusal => ({
  at: cleanLine(at, 300) || "a record without a name",
  reason: cleanLine(reason, 500),
});
