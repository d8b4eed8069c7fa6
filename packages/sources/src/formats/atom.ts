import { parseArxivId } from "@paperboy/core";
import type { FeedDocument, FeedItem } from "./feed-document.ts";
import { bodyAsMeant, textAsMeant, textOfHtml, textOfMarkup } from "./html-text.ts";
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

/** Reads Atom 1.0 (RFC 4287), and 0.3 where it differs. */
export function atomFeed(root: Element): Omit<FeedDocument, "forgiven"> {
  const page = childrenOf(root, "atom:link", "link").find(({ attributes }) => attributes.rel !== "self");
  const inherited = {
    base: root.base ?? page?.attributes.href,
    people: childrenOf(root, "atom:author", "author").flatMap(atomPeople),
  };
  return {
    kind: "atom",
    items: childrenOf(root, "atom:entry", "entry").map((entry) => atomEntry(entry, inherited)),
    dates: textsByName(root, "atom:updated", "updated", "atom:modified", "modified"),
    skipDays: childrenOf(root, "skipdays", "atom:skipdays").flatMap((days) =>
      textsOf(days, "day", "atom:day"),
    ),
    total: numberOf(textOf(root, "opensearch:totalresults")),
    startIndex: numberOf(textOf(root, "opensearch:startindex")),
  };
}

/** What entries have of their feed (RFC 4287, section 4.2.1). */
interface Inherited {
  readonly base: string | undefined;
  readonly people: readonly string[];
}

function atomEntry(entry: Element, inherited: Inherited): FeedItem {
  const id = textOf(entry, "atom:id", "id");
  const isArxiv = parseArxivId(id ?? "") !== null;
  const primary = childOf(entry, "arxiv:primary_category")?.attributes.term;
  const terms = childrenOf(entry, "atom:category", "category").map(
    ({ attributes }) => attributes.label ?? attributes.term ?? "",
  );
  return {
    id,
    title: atomTitle(childOf(entry, "atom:title", "title", "dc:title"), isArxiv),
    body: isArxiv ? textOf(entry, "atom:summary", "summary") : atomBody(entry, true),
    links: childrenOf(entry, "atom:link", "link").map(({ attributes, base }) => ({
      href: absolute(attributes.href ?? "", base ?? inherited.base),
      rel: attributes.rel ?? "alternate",
      type: attributes.type ?? "",
    })),
    authors: authorsOf(entry, inherited),
    categories: [...(primary === undefined ? [] : [primary]), ...terms, ...textsOf(entry, "dc:subject")],
    published: textsByName(entry, ...PUBLISHED),
    updated: textsByName(entry, "atom:updated", "updated", "atom:modified", "modified", "dcterms:modified"),
    dois: textsByName(entry, "arxiv:doi", "prism:doi", "dc:identifier", "dcterms:identifier"),
    announceType: textOf(entry, "arxiv:announce_type"),
    comment: textOf(entry, "arxiv:comment"),
  };
}

const PUBLISHED = [
  "atom:published",
  "published",
  // Atom 0.3
  "atom:issued",
  "issued",
  "dc:date",
  "dcterms:issued",
  "prism:publicationdate",
  "prism:coverdate",
  "atom:created",
  "created",
  "dcterms:created",
];

function authorsOf(entry: Element, inherited: Inherited): readonly string[] {
  const own = [
    ...childrenOf(entry, "atom:author", "author").flatMap(atomPeople),
    ...textsOf(entry, "dc:creator").map(textAsMeant),
  ];
  if (own.length > 0) return own;
  const source = childOf(entry, "atom:source", "source");
  const copied = source === undefined ? [] : childrenOf(source, "atom:author", "author").flatMap(atomPeople);
  return copied.length > 0 ? copied : inherited.people;
}

/** Names of a person construct (RFC 4287, section 3.2). */
export const atomPeople = (person: Element): string[] =>
  textsOf(person, "atom:name", "name").map(textAsMeant);

/**
 * A text construct (RFC 4287, section 3.1; Atom 0.3 names media types) that is a title.
 * @param isText whether it is known to be text although it does not say so, as with arXiv, whose titles hold TeX.
 */
export function atomTitle(title: Element | undefined, isText: boolean): string | undefined {
  if (title === undefined) return undefined;
  return constructText(title, isText ? (text) => text : textAsMeant);
}

/** Summary, else content; entries of a feed without namespaces have them without prefix. */
export function atomBody(entry: Element, isAtom: boolean): string | undefined {
  const bare = isAtom ? ["summary", "content"] : [];
  const bodies = childrenOf(entry, "atom:summary", "atom:content", ...bare);
  const named = (name: string) => bodies.filter((body) => body.name.endsWith(name));
  for (const body of [...named("summary"), ...named("content")]) {
    const text = constructText(body, bodyAsMeant);
    if (text !== undefined) return text;
  }
  return textOf(entry, "dc:description", "dcterms:abstract");
}

/** XHTML was decoded with its document, HTML is once more, text that says so is not; anything else as `meant` finds. */
function constructText(element: Element, meant: (text: string) => string): string | undefined {
  const type = element.attributes.type?.trim().toLowerCase() ?? "";
  const text = textIn(element).trim();
  if (elementsIn(element).length > 0 || type.includes("xhtml")) return textOfMarkup(element) || undefined;
  if (type.includes("html")) return textOfHtml(text) || undefined;
  if (type === "text" || type === "text/plain") return text || undefined;
  return meant(text) || undefined;
}

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
