import type { Collection, CountedText } from "./collection.ts";
import { createPostings } from "./postings.ts";
import { profileOf } from "./profile.ts";
import { bm25Weights } from "./weights.ts";

/** How widely the scores of a text scatter over readers of all kinds. */
export type Spread = (text: CountedText) => number;

const REFERENCES = 300;
/** No text is held to scatter less than this part of the usual: a text of three words scatters hardly at all. */
const LEAST_PART = 0.3;

/**
 * Some texts score high for nearly everybody, because their words are many and rare. Measures how much: the standard deviation
 * of a text's score over the profiles of 300 papers, evenly taken from the collection. Costs some 10 µs a text.
 */
export function* prepareSpread(collection: Collection): Generator<void, Spread> {
  const references = evenly([...collection.texts()], REFERENCES);
  function* rows() {
    for (const text of references) {
      const profile = profileOf(collection, [text]);
      yield {
        terms: profile.map(({ term }) => collection.numberOf(term) ?? -1),
        weights: profile.map(({ weight }) => weight),
      };
    }
  }
  const postings = yield* createPostings(rows());
  const deviation = (text: CountedText): number => {
    const sums = new Float64Array(references.length);
    const weights = bm25Weights(collection, text);
    for (const [at, term] of text.terms.entries()) postings.accumulate(term, weights[at] ?? 0, sums);
    return standardDeviation(sums);
  };
  const usual = median(references.map(deviation)) || 1;
  return (text) => Math.max(deviation(text), LEAST_PART * usual) / usual;
}

/** At most `count` elements, evenly spaced. */
export function evenly<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, items.length / count);
  const chosen: Item[] = [];
  for (let at = 0; at < items.length; at += step) {
    const item = items[Math.floor(at)];
    if (item !== undefined) chosen.push(item);
  }
  return chosen;
}

function standardDeviation(values: Float64Array): number {
  if (values.length === 0) return 0;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
