import type { Span } from "../topic/highlight.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** A full stop after these ends no sentence, whatever follows. */
const ABBREVIATION = /(?:^|[\s(])(?:al|approx|cf|e\.g|eq|etc|fig|i\.e|no|resp|sec|tab|vs|w\.r\.t)\.\s*$/i;
const SMALL_LETTER = /^\p{Ll}/u;

/** The sentences of a text, ascending, without the white space around them. */
export function sentencesOf(text: string): Span[] {
  const found: Span[] = [];
  let start = 0;
  for (const { index, segment } of segmenter.segment(text)) {
    const end = index + segment.length;
    if (end < text.length && (ABBREVIATION.test(segment) || SMALL_LETTER.test(text.slice(end, end + 2))))
      continue;
    const whole = text.slice(start, end);
    const trimmed = whole.trim();
    const from = start + whole.indexOf(trimmed);
    if (trimmed !== "") found.push({ start: from, end: from + trimmed.length });
    start = end;
  }
  return found;
}
