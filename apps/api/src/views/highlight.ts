import { cutAtWord, type Span } from "@paperboy/core";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);

/** A text and the stretches of it that a query matched, ascending and apart, in UTF-16 offsets. */
export interface MarkedText {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** Text as HTML, escaped, with the stretches that matched in `<mark>`. */
export function markedHtml({ text, spans }: MarkedText): string {
  let html = "";
  let at = 0;
  for (const { start, end } of spans) {
    html += `${escapeHtml(text.slice(at, start))}<mark>${escapeHtml(text.slice(start, end))}</mark>`;
    at = end;
  }
  return html + escapeHtml(text.slice(at));
}

/** The beginning of a text, at most `max` units long; what is cut off loses its marks. */
export function excerptOf({ text, spans }: MarkedText, max: number): MarkedText {
  const cut = cutAtWord(text, max);
  if (cut === text) return { text, spans };
  const kept = cut.length - "…".length;
  const inside = spans.filter(({ start }) => start < kept);
  return { text: cut, spans: inside.map(({ start, end }) => ({ start, end: Math.min(end, kept) })) };
}

/** Texts in one line, with the same words between them; every mark moves with its text. */
export function joinMarked(parts: readonly MarkedText[], between: string): MarkedText {
  const spans: Span[] = [];
  let text = "";
  for (const [index, part] of parts.entries()) {
    if (index > 0) text += between;
    for (const { start, end } of part.spans)
      spans.push({ start: start + text.length, end: end + text.length });
    text += part.text;
  }
  return { text, spans };
}
