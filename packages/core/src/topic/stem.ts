import { stem as porter2 } from "porter2";

const ENGLISH = /^[a-z]{3,}$/;

/** Whether other words may share the stem of a folded word: those of plain letters. */
export const isInflected = (word: string): boolean => ENGLISH.test(word);

const known = new Map<string, string>();

/**
 * The stem a folded word is indexed under: Porter2 (Snowball English) for words of plain letters; numbers,
 * identifiers and other scripts stand for themselves.
 */
export function stem(word: string): string {
  const before = known.get(word);
  if (before !== undefined) return before;
  const term = isInflected(word) ? porter2(word) : word;
  if (known.size >= 200_000) known.clear();
  known.set(word, term);
  return term;
}
