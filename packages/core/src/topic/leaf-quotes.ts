import type { Paper } from "../paper.ts";
import { printQuery } from "./print.ts";
import type { TextQuery } from "./query.ts";
import { quotesOf, type ReadPaper, readPaper } from "./why.ts";

/** Papers whose words are kept at hand, some 60 KB each. */
const MAX_READ = 1_000;

/** What parts of queries quote of papers: a paper is read once, and a part is looked for in it once, whichever query asks. */
export function createLeafQuotes() {
  const read = new Map<number, ReadPaper>();
  const byLeaf = new Map<string, Map<number, readonly string[]>>();
  const keys = new WeakMap<TextQuery, string>();

  const textsOf = (paper: Paper): ReadPaper => {
    let texts = read.get(paper.id);
    if (texts === undefined) {
      if (read.size >= MAX_READ) read.clear();
      texts = readPaper(paper);
      read.set(paper.id, texts);
    }
    return texts;
  };

  const keyOf = (leaf: TextQuery): string => {
    let key = keys.get(leaf);
    if (key === undefined) {
      key = printQuery(leaf);
      keys.set(leaf, key);
    }
    return key;
  };

  return {
    /** Everything in a paper that a part of a query matches; see {@link quotesOf}. */
    of(leaf: TextQuery, paper: Paper): readonly string[] {
      const key = keyOf(leaf);
      let quotes = byLeaf.get(key);
      if (quotes === undefined) {
        quotes = new Map();
        byLeaf.set(key, quotes);
      }
      let words = quotes.get(paper.id);
      if (words === undefined) {
        words = quotesOf(leaf, textsOf(paper));
        quotes.set(paper.id, words);
      }
      return words;
    },
  };
}
