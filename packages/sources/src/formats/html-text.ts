import { decodeHTML } from "entities";

/** Longer than this no abstract is; what stands behind is not read. */
const MAX_HTML = 1_000_000;
const HIDDEN = /<(script|style|template|noscript|iframe)\b[^<>]*>[\s\S]*?(?:<\/\1\b[^<>]*>|$)/gi;
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
const BLOCK = /<\/?(?:p|div|br|li|ul|ol|h[1-6]|tr|td|th|table|section|article|blockquote|pre)\b[^<>]*>/gi;
const TAG = /<\/?[a-z][^<>]*>/gi;

/** What a reader would see of HTML, as one text: scripts and styles gone with their content, entities decoded. */
export function textOfHtml(html: string): string {
  const bounded = html.slice(0, MAX_HTML);
  if (!/[<&]/.test(bounded)) return bounded;
  const visible = bounded.replace(COMMENT, " ").replace(HIDDEN, " ").replace(BLOCK, " ").replace(TAG, "");
  return decodeHTML(visible).replace(/\s+/g, " ").trim();
}
