import { decodeHTMLStrict } from "entities";
import { Parser } from "htmlparser2";
import type { Element } from "./xml-tree.ts";

/** Longer than this no abstract is; what stands behind is not read. */
const MAX_HTML = 1_000_000;
/** What is nested deeper is not read either. */
const MAX_DEPTH = 256;
const HIDDEN = new Set(
  "script|style|template|noscript|iframe|object|svg|head|annotation|annotation-xml|tex-math".split("|"),
);
const BLOCKS = new Set(
  "p|div|br|li|ul|ol|dl|dt|dd|h1|h2|h3|h4|h5|h6|tr|td|th|table|section|article|blockquote|pre|hr|title|sec|figure|img".split(
    "|",
  ),
);
/** JATS and MathML come with or without their prefixes. */
const localName = (name: string): string => name.slice(name.indexOf(":") + 1).toLowerCase();

/** Collects visible text; `open` and `close` are told of elements. */
function visibleText() {
  const parts: string[] = [];
  let hidden = 0;
  const separate = (name: string) => {
    if (BLOCKS.has(localName(name))) parts.push(" ");
  };
  return {
    open: (name: string) => {
      separate(name);
      if (HIDDEN.has(localName(name))) hidden += 1;
    },
    close: (name: string) => {
      separate(name);
      if (HIDDEN.has(localName(name))) hidden -= 1;
    },
    text: (text: string) => {
      if (hidden === 0) parts.push(text);
    },
    collected: () => parts.join("").replace(/\s+/g, " ").trim(),
  };
}

const TOO_DEEP = Symbol("nested too deeply");

/** What a reader would see of HTML, as one text: scripts and styles gone with their content, entities decoded. */
export function textOfHtml(html: string): string {
  const bounded = html.slice(0, MAX_HTML);
  if (!/[<&]/.test(bounded)) return bounded;
  const visible = visibleText();
  let depth = 0;
  const parser = new Parser({
    onopentag: (name) => {
      depth += 1;
      if (depth > MAX_DEPTH) throw TOO_DEEP;
      visible.open(name);
    },
    onclosetag: (name) => {
      depth -= 1;
      visible.close(name);
    },
    ontext: visible.text,
  });
  try {
    parser.write(bounded);
    parser.end();
  } catch (thrown) {
    if (thrown !== TOO_DEEP) throw thrown;
  }
  return visible.collected();
}

/** The same of markup that was parsed with the document around it: XHTML in Atom, or HTML that nobody escaped. */
export function textOfMarkup(element: Element): string {
  const visible = visibleText();
  const read = (part: Element | string): void => {
    if (typeof part === "string") {
      visible.text(part);
    } else {
      visible.open(part.name);
      for (const child of part.children) read(child);
      visible.close(part.name);
    }
  };
  for (const child of element.children) read(child);
  return visible.collected();
}

const TAG = /<(\/?)([a-z][a-z\d:-]*)(?:[\s/][^<>]*)?>/gi;
/** What publishers write into titles, and hardly anything else is; these go also where their other half is missing. */
const CERTAIN = new Set("em|strong|sub|sup|br|italic|bold|sc|scp".split("|"));
/** These go in pairs only: `Vec<i>` and `<a>` are also found in titles about programming. */
const IN_PAIRS = new Set(
  `i|b|u|s|a|p|q|tt|span|small|big|font|code|cite|var|strike|del|ins|mark|div|h1|h2|h3|h4|h5|h6|underline|monospace|
   math|mi|mo|mn|ms|mrow|msub|msup|msubsup|mfrac|mtext|mstyle|mover|munder|msqrt|mroot|mfenced|mspace|semantics|
   inline-formula|named-content|styled-content`
    .split("|")
    .map((name) => name.trim()),
);

/**
 * A title, or a text of which nobody says whether it is HTML, as it is meant: markup that publishers write is not shown, and
 * references that are still there are decoded, once. `a < b` and `List<T>` are text.
 */
export function textAsMeant(text: string): string {
  if (!/[<&]/.test(text)) return text;
  const bare = withoutMarkup(text);
  const decoded = bare.includes("&") ? decodeHTMLStrict(bare) : bare;
  // Escaped twice, markup shows itself only now.
  return bare === text && decoded !== bare ? withoutMarkup(decoded) : decoded;
}

function withoutMarkup(text: string): string {
  if (!text.includes("<")) return text;
  const balance = new Map<string, { opened: number; closed: number }>();
  for (const [, slash, name = ""] of text.matchAll(TAG)) {
    const counts = balance.get(localName(name)) ?? { opened: 0, closed: 0 };
    if (slash === "/") counts.closed += 1;
    else counts.opened += 1;
    balance.set(localName(name), counts);
  }
  return text.replace(TAG, (tag, _slash: string, name: string) => {
    const local = localName(name);
    const { opened = 0, closed = 0 } = balance.get(local) ?? {};
    const isMarkup = CERTAIN.has(local) || (IN_PAIRS.has(local) && opened === closed);
    return isMarkup ? (BLOCKS.has(local) ? " " : "") : tag;
  });
}

const HTML_TAG =
  /<\/?(?:p|div|br|a|span|b|i|em|strong|sub|sup|img|ul|ol|li|table|script|h\d|jats:[a-z]+)\b[^<>]{0,2000}>/i;

/** A description or abstract of which nobody says what it is: HTML where it has a tag, and text where it has none. */
export function bodyAsMeant(text: string): string {
  if (HTML_TAG.test(text)) return textOfHtml(text);
  const decoded = text.includes("&") ? decodeHTMLStrict(text) : text;
  return decoded !== text && HTML_TAG.test(decoded) ? textOfHtml(decoded) : decoded;
}
