import type { Collection, CountedText } from "./collection.ts";

/** BM25's saturation; its length normalisation is 1 (Robertson and Zaragoza, 2009). */
const K1 = 1.2;

/** ln((N + 1) / (df + 1)) + 1: how much a term says, never below 1 for a term that every text holds. */
export function inverseFrequency(collection: Collection, term: number): number {
  return Math.log((collection.size + 1) / (collection.documentFrequency(term) + 1)) + 1;
}

/**
 * A text as a unit vector: (1 + ln count) · idf for each of its terms, in the order of `text.terms`. The dot product of
 * two such vectors is their cosine similarity. A text without words is a vector without entries.
 */
export function unitVector(collection: Collection, { terms, counts }: CountedText): Float64Array {
  const vector = new Float64Array(terms.length);
  let squares = 0;
  for (let at = 0; at < terms.length; at++) {
    const weight = (1 + Math.log(counts[at] ?? 1)) * inverseFrequency(collection, terms[at] ?? 0);
    vector[at] = weight;
    squares += weight * weight;
  }
  const norm = Math.sqrt(squares);
  return norm === 0 ? vector : vector.map((weight) => weight / norm);
}

/** A text as BM25 weighs its terms, with k1 = 1.2 and b = 1, in the order of `text.terms`. */
export function bm25Weights(collection: Collection, text: CountedText): Float64Array {
  const { terms, counts, length } = text;
  const weights = new Float64Array(terms.length);
  const norm = (K1 * length) / collection.averageLength;
  for (let at = 0; at < terms.length; at++) {
    const times = counts[at] ?? 0;
    const frequency = collection.documentFrequency(terms[at] ?? 0);
    // A text that is not of the collection may hold a term more often than the collection knows of.
    const idf = Math.log(1 + Math.max(0, collection.size - frequency + 0.5) / (frequency + 0.5));
    weights[at] = (idf * (K1 + 1) * times) / (times + norm);
  }
  return weights;
}
