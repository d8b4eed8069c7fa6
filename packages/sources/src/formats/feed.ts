import {
  ANNOUNCE_TYPES,
  type AnnounceType,
  type PaperDraft,
  parseArxivId,
  parseDoi,
  splitAuthorElements,
  splitListedNames,
} from "@paperboy/core";
import { sortedTags } from "./categories.ts";
import { readDate } from "./dates.ts";
import { readFeedDocument } from "./feed-document.ts";
import type { FeedDocument, FeedItem } from "./feed-item.ts";
import { type FileContent, readBytes } from "./lines.ts";
import { accepted, FormatError, forgiving, idFromTitle, type ReadRecord, refused } from "./outcome.ts";
import { saysWithdrawn } from "./withdrawn.ts";
import { decodeText } from "./xml-encoding.ts";

/** A day of all of arXiv is 3 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** All that arXiv announces in a month. */
const MAX_ITEMS = 50_000;

/** One answer of a feed. */
export interface FeedPage {
  readonly records: readonly ReadRecord[];
  readonly feedDate: Date | null;
  readonly skipDays: readonly string[];
  readonly total: number | null;
  readonly startIndex: number | null;
  /** What had to be forgiven to read it, in one line; absent when nothing had to. */
  readonly forgiven?: string;
}

/** The formats a feed can be asked to have. */
export type FeedFormat = "arxiv-atom" | "arxiv-rss" | "feed";

/**
 * Reads a feed in one go: arXiv's API and announcements (RSS or Atom), or anybody's RSS, Atom or JSON Feed.
 * @param contentType as the server said, for bytes that do not say themselves how they are encoded.
 * @throws {FormatError} when it is no such feed, or arXiv's API answers with an error.
 */
export function readFeedPage(
  content: string | Uint8Array,
  format: FeedFormat,
  now: Date,
  contentType?: string,
): FeedPage {
  const decoded =
    typeof content === "string" ? { text: content, forgiven: null } : decodeText(content, contentType);
  const document = readFeedDocument(decoded.text);
  if (format === "arxiv-atom" && document.kind !== "atom") {
    throw new FormatError(
      `expected an Atom feed of arXiv, found ${document.kind === "rss" ? "RSS" : "JSON"}`,
    );
  }
  if (format === "arxiv-rss" && document.kind === "json") {
    throw new FormatError("expected a feed of arXiv, found JSON");
  }
  refuseApiError(document);
  if (document.items.length > MAX_ITEMS) throw new FormatError(`has more than ${MAX_ITEMS} entries`);
  const feedDate = firstDate(document.dates, now) ?? null;
  const { skipDays, total, startIndex } = document;
  const records = document.items.map((item, index) => readItem(item, index, document.kind, feedDate, now));
  return forgiving({ records, feedDate, skipDays, total, startIndex }, decoded.forgiven, document.forgiven);
}

/** Reads a feed from a file; see {@link readFeedPage}. */
export async function* readFeed(
  content: FileContent,
  format: FeedFormat,
  now: Date,
): AsyncGenerator<ReadRecord> {
  yield* readFeedPage(await readBytes(content, MAX_BYTES), format, now).records;
}

/** The arXiv API reports errors as a feed with one entry that is titled so. */
function refuseApiError({ items }: FeedDocument): void {
  const [first] = items;
  if (items.length === 1 && first?.title === "Error" && first.id?.includes("/api/errors")) {
    throw new FormatError(`arXiv answers: ${first.body ?? "Error"}`);
  }
}

function readItem(
  item: FeedItem,
  index: number,
  kind: FeedDocument["kind"],
  feedDate: Date | null,
  now: Date,
): ReadRecord {
  const arxiv = arxivIdOf(item);
  const at = item.id ?? `entry ${index + 1}`;
  if (!item.title?.trim()) return refused(at, "the title is missing or empty");
  const draft = arxiv ? arxivDraft(item, arxiv, kind, feedDate, now) : feedDraft(item, now);
  return accepted(at, { ...draft, ...sortedTags(item.categories) } as PaperDraft);
}

/** The arXiv id an entry names: by its own id, else by its link. */
function arxivIdOf(item: FeedItem): string | undefined {
  const candidates = [item.id, ...item.links.map(({ href }) => href)];
  return candidates.find((text) => text !== undefined && parseArxivId(text) !== null);
}

const firstDate = (dates: readonly string[], now: Date): Date | undefined => {
  for (const date of dates) {
    const read = readDate(date, now);
    if (read !== undefined) return read;
  }
  return undefined;
};

type Loose = { [K in keyof PaperDraft]: PaperDraft[K] | undefined };

/** `arXiv:2508.13167v1 Announce Type: new` and a line break stand before the abstract of an announcement. */
const PREFIX = /^\s*arXiv:(\S+)\s+Announce Type:\s*([a-z-]+)\s*(?:Abstract:\s*)?/i;
/** Announcements of former years ended their titles so: `(arXiv:2001.00001v2 [cs.CL] UPDATED)`. */
const OLD_SUFFIX = /^\(arXiv:\S+(?: \[[^\]]+\])?(?: UPDATED)?\)$/;

function withoutOldSuffix(title: string): string {
  const trimmed = title.trimEnd();
  const at = trimmed.lastIndexOf("(arXiv:");
  return at > 0 && OLD_SUFFIX.test(trimmed.slice(at, at + 200)) ? trimmed.slice(0, at).trimEnd() : title;
}

function arxivDraft(
  item: FeedItem,
  idText: string,
  kind: FeedDocument["kind"],
  feedDate: Date | null,
  now: Date,
): Loose {
  const prefix = PREFIX.exec((item.body ?? "").slice(0, 400));
  const ref = parseArxivId(prefix?.[1] ?? idText) ?? parseArxivId(idText);
  const abstract = (item.body ?? "").slice(prefix?.[0].length ?? 0).trim();
  const announceType = announceTypeOf(item.announceType ?? prefix?.[2]);
  const isApi = announceType === undefined;
  return {
    externalId: ref?.id ?? idText,
    arxivId: ref?.id,
    version: ref?.version,
    title: withoutOldSuffix(item.title ?? ""),
    abstract,
    // The API lists people one by one, RSS all in one text.
    authors: isApi && kind !== "rss" ? item.authors : item.authors.flatMap(splitListedNames),
    doi: doiAmong(item.dois),
    announceType,
    withdrawn: saysWithdrawn(item.comment, abstract),
    pdfUrl: undefined,
    // A replacement carries the day of its announcement, which says nothing of the paper's.
    publishedAt: isApi || announceType === "new" ? firstDate(item.published, now) : undefined,
    observedAt: isApi ? undefined : (feedDate ?? firstDate(item.published, now)),
  };
}

const announceTypeOf = (text: string | undefined): AnnounceType | undefined =>
  ANNOUNCE_TYPES.find((type) => type === text?.toLowerCase());

function feedDraft(item: FeedItem, now: Date): Loose {
  const page = item.links.find(({ rel }) => rel === "alternate")?.href ?? item.links[0]?.href;
  const pdf = item.links.find(({ type, href }) => type === "application/pdf" || /\.pdf(?:$|\?)/i.test(href));
  const doi = doiAmong([...item.dois, page, item.id, doiInPath(page)]);
  const authors = splitAuthorElements(item.authors);
  const title = item.title ?? "";
  return {
    externalId: item.id ?? page ?? idFromTitle(title, authors),
    title,
    abstract: item.body ?? "",
    authors,
    doi,
    url: page,
    pdfUrl: pdf?.href,
    withdrawn: saysWithdrawn(undefined, item.body ?? ""),
    publishedAt: firstDate([...item.published, ...item.updated], now),
  };
}

const doiAmong = (texts: readonly (string | undefined)[]): string | undefined =>
  texts.find((text) => text !== undefined && parseDoi(text) !== null);

/** Publishers' own pages carry their DOI: `https://dl.acm.org/doi/abs/10.1145/3292500.3330701?af=R`. */
const doiInPath = (page: string | undefined): string | undefined =>
  /\/(?:doi|content)\/(?:[a-z]+\/)?(10\.\d+\/[^?#]+)/i.exec(page ?? "")?.[1];
