import { atomBody, atomPeople, atomTitle } from "./atom.ts";
import type { FeedDocument, FeedItem, FeedLink } from "./feed-document.ts";
import { bodyAsMeant, textAsMeant, textOfMarkup } from "./html-text.ts";
import { FormatError } from "./outcome.ts";
import {
  absolute,
  childOf,
  childrenOf,
  type Element,
  elementsIn,
  textIn,
  textOf,
  textsByName,
  textsOf,
} from "./xml-tree.ts";

/** Where RSS and its modules date an entry, the best first. */
const PUBLISHED = [
  "pubdate",
  "dc:date",
  "dcterms:issued",
  "dcterms:date",
  "atom:published",
  "atom:issued",
  "prism:publicationdate",
  "prism:coverdate",
  "dcterms:created",
  "atom:created",
];
const UPDATED = ["atom:updated", "dcterms:modified", "atom:modified", "prism:modificationdate"];

/** Reads RSS 0.9 to 2.0. @throws {FormatError} without a channel. */
export function rssFeed(root: Element): Omit<FeedDocument, "forgiven"> {
  const channel = childOf(root, "channel");
  if (channel === undefined) throw new FormatError("expected a feed, found RSS without a channel");
  const items = [...childrenOf(channel, "item"), ...childrenOf(root, "item")];
  const inherited = { link: textOf(channel, "link"), people: peopleOf(channel) };
  return {
    kind: "rss",
    items: items.map((item) => rssItem(item, inherited)),
    dates: textsByName(channel, "pubdate", "lastbuilddate", "dc:date", "atom:updated"),
    skipDays: childrenOf(channel, "skipdays").flatMap((days) => textsOf(days, "day")),
    total: null,
    startIndex: null,
  };
}

/** What items have of their channel. */
interface Inherited {
  readonly link: string | undefined;
  readonly people: readonly string[];
}

function rssItem(item: Element, inherited: Inherited): FeedItem {
  const guid = textOf(item, "guid");
  const links = linksOf(item, inherited.link);
  const people = peopleOf(item);
  return {
    id: guid ?? item.attributes["rdf:about"] ?? textOf(item, "atom:id") ?? links[0]?.href,
    title: titleOf(item),
    body: rssBody(item),
    links,
    authors: people.length > 0 ? people : inherited.people,
    categories: [
      ...textsOf(item, "category", "dc:subject"),
      ...childrenOf(item, "atom:category").flatMap(
        ({ attributes }) => attributes.label ?? attributes.term ?? [],
      ),
    ],
    published: textsByName(item, ...PUBLISHED),
    updated: textsByName(item, ...UPDATED),
    dois: textsByName(item, "arxiv:doi", "prism:doi", "dc:identifier", "dcterms:identifier"),
    announceType: textOf(item, "arxiv:announce_type"),
    comment: textOf(item, "arxiv:comment"),
  };
}

/** RSS says nothing of whether a title is HTML, and both are found. */
function titleOf(item: Element): string | undefined {
  for (const title of childrenOf(item, "title", "dc:title", "dcterms:title")) {
    const text = elementsIn(title).length > 0 ? textOfMarkup(title) : textAsMeant(textIn(title).trim());
    if (text !== "") return text;
  }
  return atomTitle(childOf(item, "atom:title"), false);
}

/** arXiv's abstracts are text, in which `$x<a$ and $y>b$` is no tag. */
const ANNOUNCED = /^\s*arXiv:\S+\s+Announce Type:/i;
const BODIES = [
  "content:encoded",
  "description",
  "dc:description",
  "dcterms:abstract",
  "xhtml:body",
  "itunes:summary",
];

function rssBody(item: Element): string | undefined {
  for (const name of BODIES) {
    for (const body of childrenOf(item, name)) {
      const text = textIn(body).trim();
      if (text === "") continue;
      if (ANNOUNCED.test(text.slice(0, 300))) return text;
      return elementsIn(body).length > 0 ? textOfMarkup(body) : bodyAsMeant(text);
    }
  }
  return atomBody(item, false);
}

function linksOf(item: Element, channelLink: string | undefined): FeedLink[] {
  const own = childrenOf(item, "link", "feedburner:origlink").flatMap((link) => {
    const href = textIn(link).trim() || (link.attributes.href ?? "");
    return href === ""
      ? []
      : [{ href: absolute(href, link.base ?? channelLink), rel: "alternate", type: "" }];
  });
  const atom = childrenOf(item, "atom:link").map(({ attributes, base }) => ({
    href: absolute(attributes.href ?? "", base ?? channelLink),
    rel: attributes.rel ?? "alternate",
    type: attributes.type ?? "",
  }));
  const enclosures = childrenOf(item, "enclosure").map(({ attributes, base }) => ({
    href: absolute(attributes.url ?? "", base ?? channelLink),
    rel: "enclosure",
    type: attributes.type ?? "",
  }));
  const pages = [...own.slice(0, 1), ...atom];
  const isPage = pages.some(({ rel }) => rel === "alternate");
  return [...pages, ...(isPage ? [] : permalink(item)), ...enclosures];
}

/** A guid is a link unless it says that it is none (RSS 2.0); many are none and do not say so. */
function permalink(item: Element): FeedLink[] {
  const guid = childOf(item, "guid");
  const href = guid === undefined ? "" : textIn(guid).trim();
  const isLink = guid?.attributes.ispermalink !== "false" && /^https?:\/\//i.test(href);
  return isLink ? [{ href, rel: "alternate", type: "" }] : [];
}

/** The same people stand in several elements, written differently: the best kind that there is counts. */
function peopleOf(parent: Element): string[] {
  for (const name of ["dc:creator", "atom:author", "author", "itunes:author"]) {
    const people = childrenOf(parent, name).flatMap((person) => {
      const named = atomPeople(person);
      return named.length > 0 ? named : personIn(textIn(person));
    });
    if (people.length > 0) return people;
  }
  return [];
}

/** RSS 2.0 wants an address there: `mail@example.org (Name)`. An address alone names nobody. */
function personIn(written: string): string[] {
  const text = textAsMeant(written.trim());
  const bracket = text.indexOf("(");
  const angle = text.lastIndexOf("<");
  const name =
    bracket > 0 && text.endsWith(")") && isAddress(text.slice(0, bracket))
      ? text.slice(bracket + 1, -1)
      : angle > 0 && text.endsWith(">") && isAddress(text.slice(angle + 1, -1))
        ? text.slice(0, angle)
        : text;
  return name.trim() === "" || isAddress(name) ? [] : [name.trim()];
}

const isAddress = (text: string): boolean => {
  const address = text.trim();
  return address.length <= 320 && address.includes("@") && !/\s/.test(address);
};
