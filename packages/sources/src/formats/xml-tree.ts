import { FormatError } from "./outcome.ts";

/** An element with its names made one, whatever prefixes its document uses; see {@link treeBuilder}. */
export interface Element {
  /** In lower case, with the usual prefix of its namespace: `dc:creator`, `atom:link`; `item` of RSS has none. */
  readonly name: string;
  /** Values by name, in lower case, with the usual prefix. */
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly children: readonly (Element | string)[];
  /** What addresses in it are relative to, when its document says so (XML Base). */
  readonly base: string | undefined;
}

/** No feed nests this deep, and reading text out of elements takes stack for each level. */
export const MAX_DEPTH = 256;
/** A day of all of arXiv is 30,000 of them. */
export const MAX_ELEMENTS = 250_000;
const MAX_ATTRIBUTES = 100;
/** Characters of one element's own text, and of one attribute. */
const MAX_TEXT = 16_000_000;
const MAX_VALUE = 100_000;

/** Namespaces by their addresses (without scheme, `www.` and what ends them), and what we call them. */
const NAMESPACES: Readonly<Record<string, string>> = {
  "w3.org/xml/1998/namespace": "xml",
  "w3.org/2005/atom": "atom",
  "purl.org/atom/ns": "atom",
  "purl.org/rss/1.0": "",
  "my.netscape.com/rdf/simple/0.9": "",
  "channel.netscape.com/rdf/simple/0.9": "",
  "w3.org/1999/02/22-rdf-syntax-ns": "rdf",
  "w3.org/1999/xhtml": "xhtml",
  "purl.org/dc/elements/1.0": "dc",
  "purl.org/dc/elements/1.1": "dc",
  "purl.org/dc/terms": "dcterms",
  "purl.org/rss/1.0/modules/content": "content",
  "purl.org/rss/1.0/modules/prism": "prism",
  "prismstandard.org/namespaces/1.2/basic": "prism",
  "prismstandard.org/namespaces/basic/1.2": "prism",
  "prismstandard.org/namespaces/basic/2.0": "prism",
  "prismstandard.org/namespaces/basic/2.1": "prism",
  "prismstandard.org/namespaces/basic/3.0": "prism",
  "itunes.com/dtds/podcast-1.0.dtd": "itunes",
  "search.yahoo.com/mrss": "media",
  "rssnamespace.org/feedburner/ext/1.0": "feedburner",
  "a9.com/-/spec/opensearch/1.1": "opensearch",
  "a9.com/-/spec/opensearchrss/1.0": "opensearch",
  "arxiv.org/schemas/atom": "arxiv",
  "openarchives.org/oai/2.0": "",
  "openarchives.org/oai/2.0/oai_dc": "oai_dc",
  "arxiv.org/oai/arxiv": "",
  "arxiv.org/oai/arxivraw": "",
};

/** Makes elements of the events of a parser, whichever it is. */
export interface TreeBuilder {
  /** @throws {FormatError} when a bound is passed. */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  /** Closes the innermost element; true when that was the root. */
  close(): boolean;
  /** The root, once it is closed. */
  root(): Element | undefined;
}

interface Open {
  readonly element: Element & { readonly children: (Element | string)[] };
  readonly scope: Scope;
  textLength: number;
}

/** Addresses of namespaces by prefix; the default one has the empty prefix. */
type Scope = ReadonlyMap<string, string>;

const OUTERMOST: Scope = new Map([["xml", "http://www.w3.org/XML/1998/namespace"]]);

/**
 * Builds a tree in which names go by their namespaces and not by prefixes (Namespaces in XML 1.0): what is known gets its usual
 * prefix, a prefix of an address nobody here knows means nothing, and one that was never declared means what it usually does.
 * A default namespace that is not known is taken for none.
 */
export function treeBuilder(): TreeBuilder {
  const path: Open[] = [];
  let elements = 0;
  let root: Element | undefined;
  return {
    open(name, attributes) {
      elements += 1;
      if (elements > MAX_ELEMENTS) throw new FormatError(`has more than ${MAX_ELEMENTS} elements`);
      if (path.length >= MAX_DEPTH) throw new FormatError(`is nested more than ${MAX_DEPTH} elements deep`);
      const parent = path.at(-1);
      const opened = openElement(name, attributes, parent);
      parent?.element.children.push(opened.element);
      path.push(opened);
    },
    text(text) {
      const innermost = path.at(-1);
      if (innermost === undefined || text === "") return;
      innermost.textLength += text.length;
      if (innermost.textLength > MAX_TEXT)
        throw new FormatError(`has a text of more than ${MAX_TEXT / 1_000_000} million characters`);
      innermost.element.children.push(text);
    },
    close() {
      const closed = path.pop();
      if (path.length === 0) root = closed?.element;
      return path.length === 0;
    },
    root: () => root,
  };
}

function openElement(name: string, written: Readonly<Record<string, string>>, parent?: Open): Open {
  const entries = Object.entries(written);
  const where = `<${name.slice(0, 40)}>`;
  if (entries.length > MAX_ATTRIBUTES)
    throw new FormatError(`has more than ${MAX_ATTRIBUTES} attributes in one element (${where})`);
  if (entries.some(([, value]) => value.length > MAX_VALUE))
    throw new FormatError(`has an attribute of more than ${MAX_VALUE} characters (${where})`);
  const scope = scopeOf(entries, parent?.scope ?? OUTERMOST);
  const attributes: Record<string, string> = {};
  // Attributes without prefix are in no namespace.
  for (const [key, value] of entries)
    attributes[key.includes(":") ? nameIn(key, scope) : key.toLowerCase()] = value;
  const base = baseOf(attributes["xml:base"], parent?.element.base);
  return { element: { name: nameIn(name, scope), attributes, children: [], base }, scope, textLength: 0 };
}

function scopeOf(attributes: readonly (readonly [string, string])[], outer: Scope): Scope {
  const declared = attributes.filter(([name]) => name === "xmlns" || name.startsWith("xmlns:"));
  if (declared.length === 0) return outer;
  const scope = new Map(outer);
  for (const [name, address] of declared)
    scope.set(name.slice("xmlns:".length).toLowerCase(), address.trim());
  return scope;
}

function nameIn(qualified: string, scope: Scope): string {
  const name = qualified.toLowerCase();
  const colon = name.indexOf(":");
  const prefix = colon === -1 ? "" : name.slice(0, colon);
  const address = scope.get(prefix);
  if (address === undefined) return name;
  const local = name.slice(colon + 1);
  const key = address
    .toLowerCase()
    .replace(/^https?:\/\/(?:www\.)?/, "")
    .replace(/[/#]$/, "");
  if (Object.hasOwn(NAMESPACES, key)) return NAMESPACES[key] === "" ? local : `${NAMESPACES[key]}:${local}`;
  if (prefix === "") return local;
  return address.includes(":") ? `${key} ${local}` : name;
}

/** Resolved against what is around it (XML Base, section 4). */
const baseOf = (own: string | undefined, outer: string | undefined): string | undefined =>
  own === undefined ? outer : absolute(own.trim(), outer);

/** An address in full where it can be made so. */
export function absolute(href: string, base: string | undefined): string {
  if (URL.canParse(href)) return href;
  return base !== undefined && URL.canParse(href, base) ? new URL(href, base).href : href;
}

const isElement = (child: Element | string): child is Element => typeof child !== "string";

export const elementsIn = (element: Element): Element[] => element.children.filter(isElement);

/** All text in an element, as it stands there. */
export const textIn = (element: Element): string =>
  element.children.map((child) => (isElement(child) ? textIn(child) : child)).join("");

/** Child elements of any of these names, in the order of the document. */
export function childrenOf({ children }: Element, ...names: readonly string[]): Element[] {
  const found: Element[] = [];
  for (const child of children)
    if (typeof child !== "string" && names.includes(child.name)) found.push(child);
  return found;
}

/** The first child of the first of these names that there is. */
export function childOf(element: Element, ...names: readonly string[]): Element | undefined {
  for (const name of names) {
    const [first] = childrenOf(element, name);
    if (first !== undefined) return first;
  }
  return undefined;
}

/** Trimmed texts of children, the first name first. */
export const textsByName = (element: Element, ...names: readonly string[]): string[] =>
  names.flatMap((name) => textsOf(element, name));

/** Trimmed text of the first such child that has any. */
export function textOf(element: Element, ...names: readonly string[]): string | undefined {
  return textsByName(element, ...names)[0];
}

export const textsOf = (element: Element, ...names: readonly string[]): string[] =>
  childrenOf(element, ...names)
    .map((child) => textIn(child).trim())
    .filter(Boolean);
