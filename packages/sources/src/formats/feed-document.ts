import { parseArxivId } from "@paperboy/core";
import { textOfHtml } from "./html-text.ts";
import { FormatError, nameOf } from "./outcome.ts";
import { childOf, childrenOf, type Element, parseDocument, textOf, textsOf } from "./xml.ts";

/** An entry of any feed, as it stands there; nothing is judged yet. */
export interface FeedItem {
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  /** Description, summary or content, as text. */
  readonly body?: string | undefined;
  readonly links: readonly FeedLink[];
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  readonly published?: string | undefined;
  readonly updated?: string | undefined;
  readonly doi?: string | undefined;
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
  /** When the feed says it was made. */
  readonly date: string | undefined;
  /** Days of the week on which nothing is to be expected (RSS 2.0, `skipDays`). */
  readonly skipDays: readonly string[];
  /** The arXiv API's count of all results, and where this page begins. */
  readonly total: number | null;
  readonly startIndex: number | null;
}

/**
 * Reads RSS 0.9 to 2.0, Atom 1.0 (RFC 4287) or a JSON Feed.
 * @throws {FormatError} when the text is none of them, in one line that says what it is.
 */
export function readFeedDocument(text: string): FeedDocument {
  if (/^\s*[{[]/.test(text)) return jsonFeed(text.trimStart());
  const root = parseDocument(text);
  if (root.name === "rss" || root.name === "rdf:RDF") return rssFeed(root);
  if (root.name === "feed" || root.name === "atom:feed") return atomFeed(root);
  throw new FormatError(`expected a feed, found XML of another kind (<${root.name}>)`);
}

function rssFeed(root: Element): FeedDocument {
  const channel = childOf(root, "channel");
  if (channel === undefined) throw new FormatError("expected a feed, found RSS without a channel");
  const items = [...childrenOf(channel, "item"), ...childrenOf(root, "item")];
  const base = textOf(channel, "link");
  return {
    kind: "rss",
    items: items.map((item) => rssItem(item, base)),
    date: textOf(channel, "pubDate", "lastBuildDate", "dc:date"),
    skipDays: childrenOf(channel, "skipDays").flatMap((days) => textsOf(days, "day")),
    total: null,
    startIndex: null,
  };
}

function rssItem(item: Element, base: string | undefined): FeedItem {
  const guid = childOf(item, "guid");
  const permalink =
    guid !== undefined && guid.attributes.isPermaLink !== "false" ? guid.text.trim() : undefined;
  const link = textOf(item, "link", "feedburner:origLink") ?? permalink;
  const enclosures = childrenOf(item, "enclosure").map(({ attributes }) => ({
    href: attributes.url ?? "",
    rel: "enclosure",
    type: attributes.type ?? "",
  }));
  const own = link === undefined ? [] : [{ href: absolute(link, base), rel: "alternate", type: "" }];
  const authors = textsOf(item, "dc:creator", "author", "itunes:author");
  return {
    id: guid?.text.trim() || item.attributes["rdf:about"] || link,
    title: textOf(item, "title", "dc:title"),
    body: htmlBody(textOf(item, "content:encoded", "description", "dc:description")),
    links: [...own, ...enclosures],
    // RSS 2.0 wants an address there: `mail@example.org (Name)`.
    authors: authors.map((author) => /^\S+@\S+\s+\((.+)\)$/.exec(author)?.[1] ?? textOfHtml(author)),
    categories: textsOf(item, "category", "dc:subject"),
    published: textOf(item, "pubDate", "dc:date", "prism:publicationDate"),
    doi: textOf(item, "arxiv:DOI", "arxiv:doi", "prism:doi", "dc:identifier"),
    announceType: textOf(item, "arxiv:announce_type"),
    comment: textOf(item, "arxiv:comment"),
  };
}

function atomFeed(root: Element): FeedDocument {
  const base =
    root.attributes["xml:base"] ??
    childrenOf(root, "link", "atom:link").find(({ attributes }) => attributes.rel !== "self")?.attributes
      .href;
  return {
    kind: "atom",
    items: childrenOf(root, "entry", "atom:entry").map((entry) => atomEntry(entry, base)),
    date: textOf(root, "updated", "atom:updated"),
    skipDays: childrenOf(root, "skipDays").flatMap((days) => textsOf(days, "day")),
    total: numberOf(textOf(root, "opensearch:totalResults")),
    startIndex: numberOf(textOf(root, "opensearch:startIndex")),
  };
}

function atomEntry(entry: Element, feedBase: string | undefined): FeedItem {
  const ownBase = entry.attributes["xml:base"];
  const base = ownBase === undefined ? feedBase : absolute(ownBase, feedBase);
  const isArxiv = parseArxivId(textOf(entry, "id", "atom:id") ?? "") !== null;
  const title = childOf(entry, "title", "atom:title");
  const primary = childOf(entry, "arxiv:primary_category")?.attributes.term;
  const terms = childrenOf(entry, "category", "atom:category").map(
    ({ attributes }) => attributes.label ?? attributes.term ?? "",
  );
  return {
    id: textOf(entry, "id", "atom:id"),
    title: title && (title.attributes.type?.includes("html") ? textOfHtml(title.text) : title.text.trim()),
    body: isArxiv ? textOf(entry, "summary", "atom:summary") : atomBody(entry),
    links: childrenOf(entry, "link", "atom:link").map(({ attributes }) => ({
      href: absolute(attributes.href ?? "", base),
      rel: attributes.rel ?? "alternate",
      type: attributes.type ?? "",
    })),
    authors: [
      ...childrenOf(entry, "author", "atom:author").flatMap((author) => textsOf(author, "name", "atom:name")),
      ...textsOf(entry, "dc:creator"),
    ],
    categories: [...(primary === undefined ? [] : [primary]), ...terms],
    published: textOf(entry, "published", "atom:published"),
    updated: textOf(entry, "updated", "atom:updated"),
    doi: textOf(entry, "arxiv:doi", "arxiv:DOI", "prism:doi"),
    announceType: textOf(entry, "arxiv:announce_type"),
    comment: textOf(entry, "arxiv:comment"),
  };
}

function atomBody(entry: Element): string | undefined {
  const body = childOf(entry, "summary", "atom:summary", "content", "atom:content");
  if (body === undefined) return undefined;
  return body.attributes.type?.includes("html") ? textOfHtml(body.text) : htmlBody(body.text);
}

/** arXiv's abstracts are text, in which `$x<a$ and $y>b$` is no tag. */
const ANNOUNCED = /^\s*arXiv:\S+\s+Announce Type:/i;
/** Descriptions are HTML or text, and nobody says which: only what has a tag is taken for HTML. */
const htmlBody = (text: string | undefined): string | undefined =>
  text !== undefined &&
  !ANNOUNCED.test(text) &&
  /<\/?(?:p|div|br|a|span|b|i|em|strong|sub|sup|img|ul|li|script|h\d)\b[^<>]*>/i.test(text)
    ? textOfHtml(text)
    : text;

function absolute(href: string, base: string | undefined): string {
  if (URL.canParse(href)) return href;
  return base !== undefined && URL.canParse(href, base) ? new URL(href, base).href : href;
}

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;

/** JSON Feed 1.0 and 1.1 (jsonfeed.org). */
function jsonFeed(text: string): FeedDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError(
      `expected a JSON Feed, found damaged JSON (${(error as Error).message.slice(0, 100)})`,
    );
  }
  const feed = value as { version?: unknown; items?: unknown };
  if (
    !String(feed?.version ?? "").startsWith("https://jsonfeed.org/version/") ||
    !Array.isArray(feed.items)
  ) {
    throw new FormatError(`expected a JSON Feed, found ${nameOf(value)}`);
  }
  return {
    kind: "json",
    items: feed.items.map(jsonItem),
    date: undefined,
    skipDays: [],
    total: null,
    startIndex: null,
  };
}

function jsonItem(value: unknown): FeedItem {
  const item = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const text = (name: string) =>
    typeof item[name] === "string" || typeof item[name] === "number" ? String(item[name]) : undefined;
  const people = Array.isArray(item.authors) ? item.authors : item.author ? [item.author] : [];
  const html = text("content_html");
  return {
    id: text("id"),
    title: text("title"),
    body: text("content_text") ?? (html === undefined ? text("summary") : textOfHtml(html)),
    links: ["url", "external_url"].flatMap((name) =>
      text(name) ? [{ href: text(name) ?? "", rel: "alternate", type: "" }] : [],
    ),
    authors: people.flatMap((person) => (typeof person?.name === "string" ? [person.name] : [])),
    categories: Array.isArray(item.tags) ? item.tags.filter((tag) => typeof tag === "string") : [],
    published: text("date_published"),
    updated: text("date_modified"),
  };
}
