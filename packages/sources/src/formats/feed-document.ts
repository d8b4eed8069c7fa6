import { atomFeed } from "./atom.ts";
import type { FeedDocument } from "./feed-item.ts";
import { jsonFeed } from "./json-feed.ts";
import { FormatError } from "./outcome.ts";
import { rssFeed } from "./rss.ts";
import { parseDocument } from "./xml.ts";

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
