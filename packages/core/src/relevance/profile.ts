import type { Collection, CountedText } from "./collection.ts";
import { inverseFrequency, unitVector } from "./weights.ts";

/** A term of a reader's profile and how much it counts. */
export interface ProfileTerm {
  readonly term: string;
  readonly weight: number;
}

/** What a reader's marked papers have in common: their heaviest terms, heaviest first. At most 400, some 4 KB. */
export type Profile = readonly ProfileTerm[];

export const MAX_PROFILE_TERMS = 400;

/** Rare terms count a little more in a profile than in the papers it is made of. */
const RARITY = 0.5;

/**
 * The profile of marked papers: idf^0.5 times the mean of their unit vectors (Rocchio's centroid without a negative part:
 * subtracting what a reader does not want was found to cost precision), cut to its heaviest terms.
 *
 * @param silenced terms that the reader struck out; they weigh nothing.
 */
export function profileOf(
  collection: Collection,
  marked: readonly CountedText[],
  silenced: ReadonlySet<string> = new Set(),
): Profile {
  const sums = new Map<number, number>();
  for (const text of marked) {
    const vector = unitVector(collection, text);
    for (const [at, number] of text.terms.entries()) {
      sums.set(number, (sums.get(number) ?? 0) + (vector[at] ?? 0) / marked.length);
    }
  }
  const terms: ProfileTerm[] = [];
  for (const [number, mean] of sums) {
    const term = collection.term(number);
    if (silenced.has(term)) continue;
    terms.push({ term, weight: mean * inverseFrequency(collection, number) ** RARITY });
  }
  terms.sort((a, b) => b.weight - a.weight || (a.term < b.term ? -1 : 1));
  return terms.slice(0, MAX_PROFILE_TERMS);
}
