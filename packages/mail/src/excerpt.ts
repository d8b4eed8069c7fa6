import { chooseHighlights, cleanLine, cutAtWord, sentencesOf } from "@paperboy/core";

const EXCERPT = 420;
/** A tenth over the limit is worth it for a whole sentence. */
const GRACE = 1.1;
const MOST_SENTENCES = 3;
/** More than is read of an abstract. */
const CLEANED = 8_000;

/**
 * What a card shows of an abstract: the sentences that tell best what the paper does and what came out, as they stand there,
 * with `…` where something between them is left out.
 */
export function abstractExcerpt(abstract: string): string {
  const text = cleanLine(abstract, CLEANED);
  const highlights = chooseHighlights(text);
  if (highlights.length === 0) return beginning(text);
  return highlights.map(({ start, end }) => text.slice(start, end)).join(" … ");
}

/** As many whole sentences as fit; a first sentence that is too long by itself is cut at a word, with `…`. */
function beginning(text: string): string {
  const bounded = text.slice(0, EXCERPT * 1.5).trim();
  const fitting = sentencesOf(bounded).filter(({ end }) => end <= EXCERPT * GRACE);
  const last = fitting.slice(0, MOST_SENTENCES).at(-1);
  return last === undefined ? cutAtWord(bounded, EXCERPT) : bounded.slice(0, last.end);
}
