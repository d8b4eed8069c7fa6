/** Elements whose content is not shown. */
const HIDDEN = ["style", "script", "head"];
/** Elements that begin on a line of their own. */
const BLOCKS = new Set(
  "p br div tr li h1 h2 h3 h4 h5 h6 table pre".split(" ").flatMap((name) => [name, `/${name}`]),
);
/** What is longer is no tag. */
const MAX_TAG = 1_000;
const ENTITIES = [
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&#39;", "'"],
  ["&nbsp;", " "],
  ["&amp;", "&"],
] as const;

/** What HTML says to a person; text that is no HTML as it is. Reads every character once, whatever is written. */
export function htmlText(html: string): string {
  if (!/<(?:html|body|p|br|div|table|td)\b/i.test(html)) return html;
  let text = withoutTags(html, html.toLowerCase());
  for (const [entity, character] of ENTITIES) text = text.replaceAll(entity, character);
  return text;
}

function withoutTags(html: string, lower: string): string {
  const unclosed = new Set<string>();
  const shown: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    shown.push(html.slice(at, open < 0 ? html.length : open));
    if (open < 0) break;
    const after = endOfHidden(lower, open, unclosed) ?? endOfTag(html, open);
    if (after === null) shown.push("<");
    else shown.push(BLOCKS.has(tagName(lower, open)) ? "\n" : " ");
    at = after ?? open + 1;
  }
  return shown.join("");
}

/** The end of an element that is not shown; an end tag that was looked for in vain is not looked for again. */
function endOfHidden(lower: string, open: number, unclosed: Set<string>): number | null {
  const name = HIDDEN.find((hidden) => tagName(lower, open) === hidden);
  if (name === undefined || unclosed.has(name)) return null;
  const endTag = `</${name}>`;
  const end = lower.indexOf(endTag, open);
  if (end >= 0) return end + endTag.length;
  unclosed.add(name);
  return null;
}

/** The end of a tag; null for a `<` that begins none, or an address in angle brackets. */
function endOfTag(html: string, open: number): number | null {
  const limit = Math.min(html.length, open + MAX_TAG + 2);
  let hasSpace = false;
  for (let at = open + 1; at < limit; at++) {
    const character = html[at];
    if (character === ">") return at + 1;
    if (character === "<" || (character === "@" && !hasSpace && at - open <= 65)) return null;
    hasSpace ||= character === " " || character === "\n" || character === "\t" || character === "\r";
  }
  return null;
}

function tagName(lower: string, open: number): string {
  return /^\/?[a-z][a-z0-9]{0,10}(?![a-z0-9])/.exec(lower.slice(open + 1, open + 14))?.[0] ?? "";
}
