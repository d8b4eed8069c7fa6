import { parseXml, type XmlElement, XmlElement as XmlElementClass, type XmlNode } from "@rgrove/parse-xml";
import { decodeHTML } from "entities";
import { lookOf } from "./detect.ts";
import { FormatError } from "./outcome.ts";

export type Element = XmlElement;

const DECLARED = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/;
const SAID = /;\s*charset\s*=\s*"?([A-Za-z0-9._-]{1,40})/i;
/** Characters XML 1.0 does not know (section 2.2); one of them must not cost a whole feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
/** What the bytes 0x80 to 0x9f are there; five of them are nothing. */
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
/** No feed nests this deep, and reading text out of elements takes stack for each level. */
const MAX_DEPTH = 256;
const REFERENCE = /&#(?:x([\da-f]{1,8})|(\d{1,8}));/gi;

/**
 * Text of an XML document as bytes: by its byte order mark, else by its declaration, else as the server says, else UTF-8.
 * A declaration comes before the server (against RFC 7303), since servers say what they say of all their files.
 * @throws {FormatError} when the bytes are not what they are said to be.
 */
export function decodeXml(bytes: Uint8Array, contentType = ""): string {
  const label = encodingOf(bytes, contentType);
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    const text = decoder.decode(bytes);
    return decoder.encoding === "windows-1252" ? windows1252(text) : text;
  } catch {
    throw new FormatError(`is not valid ${label}, the encoding it says it has`);
  }
}

/** Node 20 reads windows-1252, which ISO-8859-1 means on the web, as Latin-1: quotes and dashes become controls. */
const windows1252 = (text: string) =>
  text.replace(/[\u0080-\u009f]/g, (control) => WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80));

function encodingOf(bytes: Uint8Array, contentType: string): string {
  const [first, second, third] = bytes;
  // A byte order mark knows better than a declaration that outlived a conversion; `<` shows UTF-16 without one.
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return "utf-16be";
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 200)).toString(
    "latin1",
  );
  const said = DECLARED.exec(head)?.[1] ?? SAID.exec(contentType)?.[1];
  const declared = said?.toLowerCase() ?? "utf-8";
  try {
    new TextDecoder(declared);
    return declared;
  } catch {
    throw new FormatError(`has an encoding nobody knows: ${declared}`);
  }
}

/**
 * The root element of a document. Feeds need neither DOCTYPE nor entities of their own, and both are how XML is
 * made to explode, so either is refused before anything is parsed. Named entities of HTML are read.
 * @throws {FormatError} in one line, when it is refused or not well-formed.
 */
export function parseDocument(text: string): Element {
  const xml = clean(text);
  if (/^<!(?:DOCTYPE|ENTITY)/i.test(afterProlog(xml))) {
    throw new FormatError(
      lookOf(xml) === "HTML"
        ? "expected XML, found HTML"
        : "has a DOCTYPE or entity declarations, which feeds do not need",
    );
  }
  const root = parseRoot(xml);
  refuseDepth(root);
  return root;
}

function parseRoot(xml: string): Element {
  try {
    const { root } = parseXml(xml, { resolveUndefinedEntity: htmlEntity, ignoreUndefinedEntities: true });
    if (root === null) throw new Error("no root element");
    return root;
  } catch (error) {
    if (error instanceof RangeError) throw new FormatError("is not well-formed XML, or nested too deeply");
    const [line = ""] = (error as Error).message.split("\n");
    throw new FormatError(`is not well-formed XML: ${line.slice(0, 200)}`);
  }
}

/** The first characters behind the XML declaration, comments and processing instructions, however long these are. */
function afterProlog(xml: string): string {
  const space = /[\s\ufeff]*/y;
  for (let at = 0; ; ) {
    space.lastIndex = at;
    at += space.exec(xml)?.[0].length ?? 0;
    const close = xml.startsWith("<?", at) ? "?>" : xml.startsWith("<!--", at) ? "-->" : "";
    const end = close === "" ? -1 : xml.indexOf(close, at);
    if (end === -1) return xml.slice(at, at + 20);
    at = end + close.length;
  }
}

function refuseDepth(root: Element): void {
  let level: Element[] = [root];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new FormatError(`is nested more than ${MAX_DEPTH} elements deep`);
    level = level.flatMap(({ children }) => children.filter(isElement));
  }
}

const isElement = (node: XmlNode): node is Element => node instanceof XmlElementClass;

const clean = (text: string) =>
  text.replace(NOT_XML, "").replace(REFERENCE, (reference, hex?: string, decimal?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    const odd = code < 32 && code !== 9 && code !== 10 && code !== 13;
    return odd || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || (code & 0xfffe) === 0xfffe
      ? ""
      : reference;
  });

function htmlEntity(reference: string): string | null {
  const decoded = decodeHTML(reference);
  return decoded === reference ? null : decoded;
}

/** Child elements by their qualified names, in the order of the document. */
export const childrenOf = (element: Element, ...names: readonly string[]): Element[] =>
  element.children.filter((child): child is Element => isElement(child) && names.includes(child.name));

/** The first child of the first of these names that there is. */
export function childOf(element: Element, ...names: readonly string[]): Element | undefined {
  for (const name of names) {
    const [first] = childrenOf(element, name);
    if (first !== undefined) return first;
  }
  return undefined;
}

/** Trimmed text of the first such child that has any. */
export function textOf(element: Element, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const child of childrenOf(element, name)) {
      const text = child.text.trim();
      if (text !== "") return text;
    }
  }
  return undefined;
}

export const textsOf = (element: Element, ...names: readonly string[]): string[] =>
  childrenOf(element, ...names)
    .map((child) => child.text.trim())
    .filter(Boolean);
