import { atomFeed } from "./atom.ts";
import { jsonFeed } from "./json-feed.ts";
import { FormatError } from "./outcome.ts";
import { rssFeed } from "./rss.ts";
import { parseDocument } from "./xml.ts";

/** An entry of any feed, as it stands there; nothing is judged yet. */
export interface FeedItem {
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  /** Description, summary or content, as text. */
  readonly body?: string | undefined;
  readonly links: readonly FeedLink[];
  /** Its own, else those of the feed. */
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  /** The dates it was published at, the best first; the first that can be read counts. */
  readonly published: readonly string[];
  readonly updated: readonly string[];
  readonly dois: readonly string[];
  /** arXiv's own fields (http://arxiv.org/schemas/atom). */
  readonly announceType?: string | undefined;
  readonly comment?: string | undefined;
}

export interface FeedLink {
  readonly href: string;
  readonly rel: string;
  readonly type: string;
}

export interface FeedDocument {
  readonly kind: "rss" | "atom" | "json";
  readonly items: readonly FeedItem[];
  /** When the feed says it was made; the first that can be read counts. */
  readonly dates: readonly string[];
  /** Days of the week on which nothing is to be expected (RSS 2.0, `skipDays`). */
  readonly skipDays: readonly string[];
  /** The arXiv API's count of all results, and where this page begins. */
  readonly total: number | null;
  readonly startIndex: number | null;
  /** What had to be forgiven to read it; null when it is well-formed. */
  readonly forgiven: string | null;
}

/**
 * Reads RSS 0.9 to 2.0, Atom 0.3 and 1.0 (RFC 4287) or a JSON Feed, strictly where that is possible, else forgivingly.
 * @throws {FormatError} when the text is none of them, in one line that says what it is.
 */
export function readFeedDocument(text: string): FeedDocument {
  if (/^\s*[{[]/.test(text)) return { ...jsonFeed(text.trimStart()), forgiven: null };
  const { root, forgiven } = parseDocument(text);
  if (root.name === "rss" || root.name === "rdf:rdf" || root.name === "rdf") {
    return { ...rssFeed(root), forgiven };
  }
  if (root.name === "feed" || root.name === "atom:feed") return { ...atomFeed(root), forgiven };
  throw new FormatError(`expected a feed, found XML of another kind (<${root.name.slice(0, 60)}>)`);
}
