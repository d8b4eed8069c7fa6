import type { TermBag } from "./term-bag.ts";

/** A text of the collection: its terms by number, ascending, and how often each stands in it. */
export interface CountedText {
  readonly id: number;
  readonly terms: Uint32Array;
  readonly counts: Uint16Array;
  /** Words in all. */
  readonly length: number;
}

/**
 * The papers an installation knows, as bags of terms: what tells a rare word from a common one. Holds about 600 bytes
 * for a paper. Papers come and go; every figure is that of the papers held now.
 */
export interface Collection {
  readonly size: number;
  /** Words of a text, on average; 1 when the collection is empty. */
  readonly averageLength: number;
  /** Adds a text; one that is there under the same id is replaced. */
  add(id: number, bag: TermBag): void;
  remove(id: number): void;
  text(id: number): CountedText | undefined;
  texts(): Iterable<CountedText>;
  /** A bag in the numbers of this collection; terms that no text has ever had get numbers of their own. */
  count(bag: TermBag, id?: number): CountedText;
  term(number: number): string;
  numberOf(term: string): number | undefined;
  /** Texts that hold a term. */
  documentFrequency(number: number): number;
}

const MAX_COUNT = 0xffff;

export function createCollection(): Collection {
  const numbers = new Map<string, number>();
  const terms: string[] = [];
  const frequencies: number[] = [];
  const texts = new Map<number, CountedText>();
  let words = 0;

  function numberOf(term: string): number {
    const known = numbers.get(term);
    if (known !== undefined) return known;
    numbers.set(term, terms.length);
    frequencies.push(0);
    return terms.push(term) - 1;
  }

  function count(bag: TermBag, id = -1): CountedText {
    const entries = [...bag].map(([term, times]) => ({ number: numberOf(term), times }));
    entries.sort((a, b) => a.number - b.number);
    let length = 0;
    for (const { times } of entries) length += times;
    return {
      id,
      terms: Uint32Array.from(entries, ({ number }) => number),
      counts: Uint16Array.from(entries, ({ times }) => Math.min(times, MAX_COUNT)),
      length,
    };
  }

  function tally(text: CountedText, by: 1 | -1): void {
    for (const number of text.terms) frequencies[number] = (frequencies[number] ?? 0) + by;
    words += by * text.length;
  }

  function remove(id: number): void {
    const text = texts.get(id);
    if (text === undefined) return;
    tally(text, -1);
    texts.delete(id);
  }

  return {
    get size() {
      return texts.size;
    },
    get averageLength() {
      return texts.size === 0 ? 1 : Math.max(1, words / texts.size);
    },
    add(id, bag) {
      remove(id);
      const text = count(bag, id);
      texts.set(id, text);
      tally(text, 1);
    },
    remove,
    text: (id) => texts.get(id),
    texts: () => texts.values(),
    count,
    term: (number) => terms[number] ?? "",
    numberOf: (term) => numbers.get(term),
    documentFrequency: (number) => frequencies[number] ?? 0,
  };
}
