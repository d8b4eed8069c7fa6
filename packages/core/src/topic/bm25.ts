import { type IndexedPaper, indexOf, occurrences, type ResolvedTerm } from "./indexed-paper.ts";
import { weightOf } from "./paper-lexemes.ts";
import type { ResolvedText } from "./resolve.ts";

/** How much an occurrence counts, by packed weight: keyword, author, abstract, title. */
const FIELD_WEIGHT = [2, 2, 1, 3] as const;
const K1 = 1.2;
const B = 0.75;

/** What a collection says about one leaf of a query. */
export interface LeafStatistics {
  readonly text: ResolvedText;
  /** Papers the leaf matches. */
  readonly matching: number;
}

/** What a collection says about all its papers. */
export interface Collection {
  readonly size: number;
  /** In words of title and abstract. */
  readonly averageLength: number;
}

/**
 * How well a paper answers the positive leaves of a query: BM25 with field weights, a phrase or prefix counting as one
 * term (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009). Rounded to three decimals,
 * so that what is equally relevant ties.
 */
export function bm25(doc: IndexedPaper, leaves: readonly LeafStatistics[], collection: Collection): number {
  const norm = K1 * (1 - B + (B * doc.length) / Math.max(1, collection.averageLength));
  let score = 0;
  for (const { text, matching } of leaves) {
    const frequency = weightedFrequency(doc, text);
    const idf = Math.log(1 + (collection.size - matching + 0.5) / (matching + 0.5));
    score += (idf * frequency * (K1 + 1)) / (frequency + norm);
  }
  return Math.round(score * 1_000) / 1_000;
}

function weightedFrequency(doc: IndexedPaper, { sequences, weight }: ResolvedText): number {
  let best = 0;
  for (const sequence of sequences) {
    const [only] = sequence;
    const sum =
      only !== undefined && sequence.length === 1
        ? termFrequency(doc, only, weight)
        : sequenceFrequency(doc, sequence, weight);
    best = Math.max(best, sum);
  }
  return best;
}

function sequenceFrequency(
  doc: IndexedPaper,
  sequence: readonly ResolvedTerm[],
  weight: number | null,
): number {
  let sum = 0;
  for (const packed of occurrences(doc, sequence, weight)) sum += FIELD_WEIGHT[weightOf(packed)] ?? 1;
  return sum;
}

/** The same for one word, which most topics are made of: without a list of the places. */
function termFrequency(doc: IndexedPaper, { ids }: ResolvedTerm, weight: number | null): number {
  let sum = 0;
  for (let at = 0; at < ids.length; at++) {
    const index = indexOf(doc.ids, ids[at] as number);
    const end = index < 0 ? 0 : (doc.starts[index + 1] as number);
    for (let place = index < 0 ? 0 : (doc.starts[index] as number); place < end; place++) {
      const packed = weightOf(doc.positions[place] as number);
      if (weight === null || packed === weight) sum += FIELD_WEIGHT[packed] ?? 1;
    }
  }
  return sum;
}
