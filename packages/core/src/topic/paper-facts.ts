import type { Paper } from "../paper.ts";
import type { IndexedPaper } from "./indexed-paper.ts";
import type { PaperText } from "./paper-lexemes.ts";

export function requireSeq({ id, seq }: Paper): number {
  if (seq === null) throw new RangeError(`paper ${id} is not announced yet and cannot be indexed`);
  return seq;
}

/** Swaps in a paper whose text is the same, so that a changed number costs nothing; false when the text changed. */
export function replaceFacts(
  docs: (IndexedPaper | undefined)[],
  ordinal: number | undefined,
  paper: Paper,
): boolean {
  const before = ordinal === undefined ? undefined : docs[ordinal];
  if (ordinal === undefined || before === undefined || !sameText(before.paper, paper)) return false;
  docs[ordinal] = { ...before, paper, seq: requireSeq(paper) };
  return true;
}

function sameText(a: PaperText, b: PaperText): boolean {
  const same = (x: readonly string[], y: readonly string[]) =>
    x.length === y.length && x.every((text, index) => text === y[index]);
  return (
    a.title === b.title &&
    a.abstract === b.abstract &&
    same(a.authors, b.authors) &&
    same(a.keywords, b.keywords) &&
    same(a.categories, b.categories)
  );
}

export const textBytes = (paper: Paper): number =>
  paper.title.length + paper.abstract.length + paper.authors.join("").length + 1_000;
