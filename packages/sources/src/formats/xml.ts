import { parseXml, XmlCdata, type XmlDocument, XmlElement, type XmlNode, XmlText } from "@rgrove/parse-xml";
import { decodeHTML, decodeHTMLStrict } from "entities";
import { Parser } from "htmlparser2";
import { lookOf } from "./detect.ts";
import { FormatError } from "./outcome.ts";
import { type Element, MAX_DEPTH, MAX_ELEMENTS, type TreeBuilder, treeBuilder } from "./xml-tree.ts";

/** The root of a document, and what had to be forgiven to read it; null when it is well-formed. */
export interface XmlRead {
  readonly root: Element;
  readonly forgiven: string | null;
}

/** Characters XML 1.0 does not know (section 2.2); one of them must not cost a whole feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const NUMBERED = /&#(?:x([\da-f]{1,8})|(\d{1,8}));/gi;
const REFERENCE = /&(?:#x?[\da-f]{1,8}|[a-z][a-z\d]{1,31});/gi;
/** Where a feed begins behind what does not belong there, such as a warning of PHP. */
const BEGINNING = /<\?xml\s|<!(?:doctype|entity)\s|<(?:[a-z][\w.-]*:)?(?:rss|feed|rdf|oai-pmh)[\s>]/i;
/** A document type with its public and system identifiers is not longer. */
const MAX_DOCTYPE = 2_000;
/** The forgiving parser gets this much at once, so that it stops soon after the root is closed. */
const PIECE = 65_536;

/**
 * Reads a document strictly, and when it is not well-formed once more with what can be forgiven: lone ampersands, unknown or
 * unclosed elements, attributes without quotes, what stands before the declaration or behind the root. A document that breaks
 * off is not forgiven, since half a feed is no feed. Named entities of HTML are read. A DOCTYPE is passed over without being
 * followed; one that declares anything is refused, since entities are how XML is made to explode.
 * @throws {FormatError} in one line.
 */
export function parseDocument(text: string): XmlRead {
  const xml = withoutDoctype(clean(text).trimStart());
  const isDeep = measure(xml).depth > MAX_DEPTH;
  const strict = isDeep
    ? new FormatError(`is not well-formed XML, or nested more than ${MAX_DEPTH} elements deep`)
    : parseStrictly(xml);
  if (!(strict instanceof FormatError)) return { root: strict, forgiven: null };
  if (lookOf(xml) === "HTML") throw new FormatError("expected XML, found HTML");
  const root = parseForgivingly(xml, isDeep ? strict : undefined);
  if (root === undefined) throw strict;
  return { root, forgiven: isDeep ? "is not well-formed XML" : strict.message };
}

function clean(text: string): string {
  return text
    .replace(/^\ufeff/, "")
    .replace(NOT_XML, "")
    .replace(NUMBERED, allowedReference);
}

function allowedReference(reference: string, hex?: string, decimal?: string): string {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isControl = code < 32 && code !== 9 && code !== 10 && code !== 13;
  const isNone = code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || (code & 0xfffe) === 0xfffe;
  return isControl || isNone ? "" : reference;
}

/** Takes a DOCTYPE that declares nothing out of the prolog. */
function withoutDoctype(xml: string): string {
  const at = endOfProlog(xml);
  const head = xml.slice(at, at + 20);
  if (/^<!entity/i.test(head)) throw declares();
  if (!/^<!doctype/i.test(head)) return xml;
  if (lookOf(xml) === "HTML") throw new FormatError("expected XML, found HTML");
  const end = endOfDoctype(xml, at);
  const rest = xml.slice(end);
  if (/^<!(?:doctype|entity)/i.test(rest.slice(endOfProlog(rest)))) throw declares();
  return xml.slice(0, at) + rest;
}

const declares = () => new FormatError("has a DOCTYPE or entity declarations, which feeds do not need");

/** Where the first character stands behind the XML declaration, comments and processing instructions, however long these are. */
function endOfProlog(xml: string): number {
  const space = /[\s\ufeff]*/y;
  for (let at = 0; ; ) {
    space.lastIndex = at;
    at += space.exec(xml)?.[0].length ?? 0;
    const close = xml.startsWith("<?", at) ? "?>" : xml.startsWith("<!--", at) ? "-->" : "";
    const end = close === "" ? -1 : xml.indexOf(close, at);
    if (end === -1) return at;
    at = end + close.length;
  }
}

/** Where a DOCTYPE without an internal subset ends; identifiers in quotes may hold anything. */
function endOfDoctype(xml: string, start: number): number {
  let quote = "";
  for (let at = start; at < Math.min(xml.length, start + MAX_DOCTYPE); at += 1) {
    const character = xml.charAt(at);
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === "[") throw declares();
    else if (character === ">") return at + 1;
  }
  throw new FormatError("has a DOCTYPE that does not end");
}

/**
 * Counts elements and their depth without making anything of them, and roughly: what is not closed counts as open.
 * @throws {FormatError} when there are too many for a feed.
 */
function measure(xml: string): { readonly depth: number } {
  let [depth, deepest, elements] = [0, 0, 0];
  for (let at = xml.indexOf("<"); at !== -1; at = xml.indexOf("<", at)) {
    const close = xml.startsWith("<!--", at) ? "-->" : xml.startsWith("<![CDATA[", at) ? "]]>" : ">";
    const end = xml.indexOf(close, at);
    if (end === -1) break;
    const second = xml.charCodeAt(at + 1);
    if (second === 0x2f) depth -= 1;
    else if (second !== 0x21 && second !== 0x3f) {
      elements += 1;
      if (xml.charCodeAt(end - 1) !== 0x2f) depth += 1;
    }
    if (depth > deepest) deepest = depth;
    if (elements > MAX_ELEMENTS) throw new FormatError(`has more than ${MAX_ELEMENTS} elements`);
    at = end + close.length;
  }
  return { depth: deepest };
}

function parseStrictly(xml: string): Element | FormatError {
  let document: XmlDocument;
  try {
    document = parseXml(xml, { resolveUndefinedEntity: htmlEntity, ignoreUndefinedEntities: true });
  } catch (error) {
    const [line = ""] = (error as Error).message.split("\n");
    return new FormatError(`is not well-formed XML: ${line.slice(0, 200)}`);
  }
  if (document.root === null) return new FormatError("is not well-formed XML: no root element");
  const builder = treeBuilder();
  build(document.root, builder);
  return builder.root() as Element;
}

function htmlEntity(reference: string): string | null {
  const decoded = decodeHTML(reference);
  return decoded === reference ? null : decoded;
}

/** No deeper than {@link MAX_DEPTH}: the builder refuses what is. */
function build(node: XmlNode, builder: TreeBuilder): void {
  if (node instanceof XmlText || node instanceof XmlCdata) builder.text(node.text);
  if (!(node instanceof XmlElement)) return;
  builder.open(node.name, node.attributes);
  for (const child of node.children) build(child, builder);
  builder.close();
}

/** Thrown to leave the parser once the root is closed: what stands behind it is not looked at. */
const CLOSED = Symbol("the root is closed");

/**
 * The root as far as it can be made out; undefined when there is none, or it is never closed.
 * @throws {FormatError} what is wrong, or `fault` instead.
 */
function parseForgivingly(xml: string, fault?: FormatError): Element | undefined {
  const start = BEGINNING.exec(xml)?.index ?? 0;
  const builder = treeBuilder();
  const parser = new Parser(handlerOf(builder), { xmlMode: true, decodeEntities: false });
  try {
    for (let at = start; at < xml.length; at += PIECE) parser.write(xml.slice(at, at + PIECE));
  } catch (thrown) {
    if (thrown !== CLOSED) throw fault ?? thrown;
  }
  return builder.root();
}

function handlerOf(builder: TreeBuilder) {
  let isCdata = false;
  return {
    onopentag: (name: string, attributes: Record<string, string>) => {
      const values = Object.entries(attributes).map(([key, value]) => [key, decoded(value)]);
      builder.open(name, Object.fromEntries(values));
    },
    onclosetag: () => {
      if (builder.close()) throw CLOSED;
    },
    ontext: (text: string) => builder.text(isCdata ? text : decoded(text)),
    oncdatastart: () => {
      isCdata = true;
    },
    oncdataend: () => {
      isCdata = false;
    },
    onprocessinginstruction: (name: string, data: string) => {
      const isDeclaration = /^!(?:entity|element|attlist|notation)/i.test(name);
      if (isDeclaration || (/^!doctype/i.test(name) && data.includes("["))) throw declares();
    },
  };
}

/** Only what is a reference, semicolon and all: a lone ampersand is text. */
const decoded = (text: string): string =>
  text.includes("&") ? text.replace(REFERENCE, (reference) => decodeHTMLStrict(reference)) : text;
