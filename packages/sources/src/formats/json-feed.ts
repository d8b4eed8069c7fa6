import type { FeedDocument, FeedItem } from "./feed-document.ts";
import { textAsMeant, textOfHtml } from "./html-text.ts";
import { FormatError, nameOf } from "./outcome.ts";
import { absolute } from "./xml-tree.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Reads JSON Feed 1.0 and 1.1 (jsonfeed.org). @throws {FormatError} */
export function jsonFeed(text: string): Omit<FeedDocument, "forgiven"> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError(
      `expected a JSON Feed, found damaged JSON (${(error as Error).message.slice(0, 100)})`,
    );
  }
  const feed = fieldsOf(value);
  const isFeed = String(feed.version ?? "").startsWith("https://jsonfeed.org/version/");
  if (!isFeed || !Array.isArray(feed.items)) {
    throw new FormatError(`expected a JSON Feed, found ${nameOf(value)}`);
  }
  const base = textIn(feed, "home_page_url") ?? textIn(feed, "feed_url");
  const people = peopleOf(feed);
  return {
    kind: "json",
    items: feed.items.map((item) => jsonItem(fieldsOf(item), base, people)),
    dates: [],
    skipDays: [],
    total: null,
    startIndex: null,
  };
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};

function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function peopleOf(fields: Fields): string[] {
  const people: unknown[] = Array.isArray(fields.authors) ? fields.authors : [fields.author];
  return people.flatMap((person) => {
    const { name } = fieldsOf(person);
    return typeof name === "string" && name.trim() !== "" ? [name] : [];
  });
}

function jsonItem(item: Fields, base: string | undefined, inherited: readonly string[]): FeedItem {
  const text = (name: string) => textIn(item, name);
  const html = text("content_html");
  const title = text("title");
  const people = peopleOf(item);
  const dates = (name: string) => [text(name)].flatMap((date) => date ?? []);
  return {
    id: text("id"),
    title: title && textAsMeant(title),
    body: text("content_text") ?? (html === undefined ? text("summary") : textOfHtml(html)),
    links: ["url", "external_url"].flatMap((name) => {
      const href = text(name);
      return href === undefined ? [] : [{ href: absolute(href, base), rel: "alternate", type: "" }];
    }),
    authors: people.length > 0 ? people : inherited,
    categories: Array.isArray(item.tags) ? item.tags.filter((tag) => typeof tag === "string") : [],
    published: dates("date_published"),
    updated: dates("date_modified"),
    dois: [],
  };
}
