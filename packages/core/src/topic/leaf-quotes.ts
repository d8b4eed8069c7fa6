import type { Paper } from "../paper.ts";
import { type Expansion, expandLeaf } from "./expand.ts";
import { quotesOf, type ReadPaper, readPaper } from "./highlight.ts";
import { printQuery } from "./print.ts";
import type { TextQuery } from "./query.ts";

/** Papers whose words are kept at hand, some 60 KB each. */
const MAX_READ = 1_000;

/** What parts of queries quote of papers: a paper is read once, and a part is looked for in it once, whichever query asks. */
export function createLeafQuotes() {
  const read = new Map<number, ReadPaper>();
  const byText = new Map<string, KnownLeaf>();
  const byLeaf = new WeakMap<TextQuery, KnownLeaf>();

  const textsOf = (paper: Paper): ReadPaper => {
    let texts = read.get(paper.id);
    if (texts === undefined) {
      if (read.size >= MAX_READ) read.clear();
      texts = readPaper(paper);
      read.set(paper.id, texts);
    }
    return texts;
  };

  const known = (leaf: TextQuery): KnownLeaf => {
    let same = byLeaf.get(leaf);
    if (same === undefined) {
      const text = printQuery(leaf);
      same = byText.get(text) ?? { sequences: expandLeaf(leaf).sequences, quotes: new Map() };
      byText.set(text, same);
      byLeaf.set(leaf, same);
    }
    return same;
  };

  return {
    /** Everything in a paper that a part of a query matches; see {@link quotesOf}. */
    of(leaf: TextQuery, paper: Paper): readonly string[] {
      const { sequences, quotes } = known(leaf);
      let words = quotes.get(paper.id);
      if (words === undefined) {
        words = quotesOf(leaf, textsOf(paper), sequences);
        quotes.set(paper.id, words);
      }
      return words;
    },
  };
}

/** A part of queries, whichever they are. */
interface KnownLeaf {
  readonly sequences: Expansion["sequences"];
  /** By paper id. */
  readonly quotes: Map<number, readonly string[]>;
}
