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
export function excerptOf(marked: MarkedText, max: number): MarkedText {
  const cut = cutAtWord(marked.text, max);
  if (cut === marked.text) return marked;
  const kept = partOf(marked, { start: 0, end: cut.length - "…".length });
  return { text: cut, spans: kept.spans };
}

/** A stretch of a text, with the marks in it. */
export function partOf({ text, spans }: MarkedText, { start, end }: Span): MarkedText {
  const inside = spans.filter((span) => span.start < end && span.end > start);
  return {
    text: text.slice(start, end),
    spans: inside.map((span) => ({
      start: Math.max(span.start, start) - start,
      end: Math.min(span.end, end) - start,
    })),
  };
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
