/** An element of an XML document: a name, attributes, and text or elements inside. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: string | readonly XmlElement[];
}

/** What XML 1.0 cannot carry, not even escaped: most controls, lone surrogates, U+FFFE and U+FFFF. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  content: string | readonly XmlElement[] = "",
): XmlElement {
  return { name, attributes, content };
}

/** Writes a document. Names are ours and trusted; values and text are not. */
export function writeXml(root: XmlElement): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${write(root, "")}\n`;
}

function write({ name, attributes, content }: XmlElement, indent: string): string {
  const start = Object.entries(attributes).reduce(
    (tag, [key, value]) => `${tag} ${key}="${escapeXml(value)}"`,
    name,
  );
  if (typeof content === "string") {
    return content === "" ? `${indent}<${start}/>` : `${indent}<${start}>${escapeXml(content)}</${name}>`;
  }
  const inside = content.map((child) => write(child, `${indent}  `)).join("\n");
  return `${indent}<${start}>\n${inside}\n${indent}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // Parsers turn raw ones into spaces inside attributes.
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, "").replace(/[&<>"\t\n\r]/g, (character) => ENTITIES[character] as string);
}
