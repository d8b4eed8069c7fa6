import type { Feed, FeedEntry } from "./feed.ts";
import { element, writeXml, type XmlElement } from "./xml.ts";

export const ATOM_TYPE = "application/atom+xml; charset=utf-8";

/** Writes a feed as Atom 1.0 (RFC 4287). */
export function writeAtom(feed: Feed): string {
  return writeXml(
    element("feed", { xmlns: "http://www.w3.org/2005/Atom" }, [
      element("id", {}, feed.selfUrl),
      element("title", {}, feed.title),
      element("subtitle", {}, feed.description),
      element("updated", {}, feed.updated.toISOString()),
      element("link", { rel: "self", type: "application/atom+xml", href: feed.selfUrl }),
      element("link", { rel: "alternate", type: "text/html", href: feed.pageUrl }),
      // Entries without authors of their own inherit this one; RFC 4287 demands one of the two.
      element("author", {}, [element("name", {}, "Paperboy")]),
      element("generator", {}, "Paperboy"),
      ...feed.entries.map(atomEntry),
    ]),
  );
}

function atomEntry(entry: FeedEntry): XmlElement {
  return element("entry", {}, [
    element("id", {}, entry.id),
    element("title", {}, entry.title),
    element("updated", {}, entry.updated.toISOString()),
    element("published", {}, entry.published.toISOString()),
    element("link", { rel: "alternate", type: "text/html", href: entry.url }),
    ...entry.authors.map((name) => element("author", {}, [element("name", {}, name)])),
    ...entry.categories.map((term) => element("category", { term })),
    ...(entry.summary === "" ? [] : [element("summary", { type: "text" }, entry.summary)]),
  ]);
}
