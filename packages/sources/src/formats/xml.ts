import { parseXml, type XmlElement, XmlElement as XmlElementClass } from "@rgrove/parse-xml";
import { decodeHTML } from "entities";
import { FormatError } from "./outcome.ts";

export type Element = XmlElement;

const DECLARED = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/;
/** Characters XML 1.0 does not know (section 2.2); one of them must not cost a whole feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const REFERENCE = /&#(?:x([\da-f]{1,8})|(\d{1,8}));/gi;

/**
 * Text of an XML document as bytes: by its byte order mark, else by its declaration, else UTF-8.
 * @throws {FormatError} when the bytes are not what they are said to be.
 */
export function decodeXml(bytes: Uint8Array): string {
  const label = encodingOf(bytes);
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError(`is not valid ${label}, the encoding it says it has`);
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 200)).toString(
    "latin1",
  );
  const declared = DECLARED.exec(head.replace(/^\u00ef\u00bb\u00bf/, ""))?.[1]?.toLowerCase() ?? "utf-8";
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
  const prolog =
    /^(?:[^<]|<[?!])*?(?=<[A-Za-z_])/.exec(withoutComments(text.slice(0, 100_000)))?.[0] ??
    text.slice(0, 1_000);
  if (/<!(?:DOCTYPE|ENTITY)/i.test(prolog)) {
    throw new FormatError("has a DOCTYPE or entity declarations, which feeds do not need");
  }
  try {
    const { root } = parseXml(clean(text), {
      resolveUndefinedEntity: htmlEntity,
      ignoreUndefinedEntities: true,
    });
    if (root === null) throw new Error("no root element");
    return root;
  } catch (error) {
    const [line = ""] = (error as Error).message.split("\n");
    throw new FormatError(`is not well-formed XML: ${line.slice(0, 200)}`);
  }
}

const withoutComments = (text: string) => text.replace(/<!--[\s\S]*?-->/g, "");

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
  element.children.filter(
    (child): child is Element => child instanceof XmlElementClass && names.includes(child.name),
  );

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
