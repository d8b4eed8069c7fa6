import { cutAtWord } from "@paperboy/core";

const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/** A full stop after these ends no sentence, whatever follows. */
const ABBREVIATION = /(?:^|[\s(])(?:al|approx|cf|e\.g|eq|etc|fig|i\.e|no|resp|sec|tab|vs|w\.r\.t)\.\s*$/i;

/** A tenth over the limit is worth it for a whole sentence. */
const GRACE = 1.1;

/**
 * The start of an abstract: as many whole sentences as fit into about `max` characters, at most `most` of them;
 * a first sentence that is too long by itself is cut at a word, with `…`.
 */
export function excerpt(text: string, max: number, most = 3): string {
  const bounded = text.slice(0, max * 1.5).trim();
  if (bounded.length <= max) return bounded;
  let end = 0;
  let count = 0;
  for (const { index, segment } of sentences.segment(bounded)) {
    const next = index + segment.length;
    if (ABBREVIATION.test(segment) && next < bounded.length) continue;
    if (next > max * GRACE || count === most) break;
    end = next;
    count += 1;
  }
  return count === 0 ? cutAtWord(bounded, max) : bounded.slice(0, end).trim();
}
