import type { Collection, CountedText } from "./collection.ts";
import { type FindNeighbours, prepareNeighbours } from "./neighbours.ts";
import { createPostings } from "./postings.ts";
import type { Profile } from "./profile.ts";
import { prepareSpread, type Spread } from "./spread.ts";
import { finish } from "./steps.ts";
import { bm25Weights } from "./weights.ts";

/** A candidate and how well it fits a profile; only the order and ratios of scores mean anything. */
export interface Ranked {
  readonly id: number;
  readonly score: number;
}

/** Ranks a fixed set of candidates for any number of readers. */
export interface Ranker {
  /** All candidates, best first; equal scores in the order of ids. */
  rank(profile: Profile): Ranked[];
  /** The score of each candidate, in the order they were given. */
  scores(profile: Profile): Float64Array;
  /** The terms of a profile that weigh most in a candidate's score, heaviest first. */
  reasons(profile: Profile, id: number, count: number): string[];
}

/** How far a score is divided by the spread of its text. */
const CALIBRATION = 0.25;
/** What its nearest papers say counts this much beside what a paper says itself. */
const NEIGHBOURHOOD = 0.3;
const NEIGHBOURS = 10;
/** Entries of a row: the heaviest. The hundreds behind them are what a single neighbour says once, and cost most of the time. */
const MAX_ROW = 200;

/**
 * Makes rankers for one state of a collection; what is costly and the same for all candidates is made here, once. Works in
 * steps of a few milliseconds, between which others can have the thread; the collection must not change meanwhile.
 */
export function* prepareRankers(
  collection: Collection,
): Generator<void, (candidates: readonly CountedText[]) => Generator<void, Ranker>> {
  const spread = remembered(yield* prepareSpread(collection));
  const neighbours = yield* prepareNeighbours(collection);
  return function* (candidates) {
    const rows: Row[] = [];
    for (const text of candidates) {
      rows.push(expand(collection, text, spread, neighbours));
      yield;
    }
    return yield* rankerOf(collection, candidates, rows);
  };
}

/** A paper is a neighbour of many. */
function remembered(spread: Spread): Spread {
  const known = new Map<number, number>();
  return (text) => {
    let value = known.get(text.id);
    if (value === undefined) {
      value = spread(text);
      known.set(text.id, value);
    }
    return value;
  };
}

/** The same at once. */
export function createRankers(collection: Collection): (candidates: readonly CountedText[]) => Ranker {
  const prepared = finish(prepareRankers(collection));
  return (candidates) => finish(prepared(candidates));
}

type Row = ReadonlyMap<number, number>;

/**
 * The BM25 weights of a text, calibrated by its spread, and beside them those of the papers most like it (score regularisation,
 * Diaz 2005): an abstract that happens to avoid a word is found through those that do not.
 */
function expand(collection: Collection, text: CountedText, spread: Spread, neighbours: FindNeighbours): Row {
  const row = new Map<number, number>();
  addTo(row, collection, text, 1 / spread(text) ** CALIBRATION);
  const nearest = neighbours(text, NEIGHBOURS);
  const total = nearest.reduce((sum, { similarity }) => sum + similarity, 0);
  for (const { id, similarity } of nearest) {
    const other = collection.text(id);
    if (other === undefined) continue;
    addTo(row, collection, other, (NEIGHBOURHOOD * similarity) / total / spread(other) ** CALIBRATION);
  }
  return heaviest(row);
}

function heaviest(row: Row): Row {
  if (row.size <= MAX_ROW) return row;
  const least = Float64Array.from(row.values()).sort()[row.size - MAX_ROW] ?? 0;
  return new Map([...row].filter(([, weight]) => weight >= least));
}

function addTo(row: Map<number, number>, collection: Collection, text: CountedText, share: number): void {
  const weights = bm25Weights(collection, text);
  for (const [at, term] of text.terms.entries()) {
    row.set(term, (row.get(term) ?? 0) + share * (weights[at] ?? 0));
  }
}

function* rankerOf(
  collection: Collection,
  candidates: readonly CountedText[],
  rows: readonly Row[],
): Generator<void, Ranker> {
  const postings = yield* createPostings(
    rows.map((row) => ({ terms: [...row.keys()], weights: [...row.values()] })),
  );
  const places = new Map(candidates.map(({ id }, place) => [id, place]));
  const known = (profile: Profile) =>
    profile.flatMap(({ term, weight }) => {
      const number = collection.numberOf(term);
      return number === undefined ? [] : [{ term, number, weight }];
    });
  const scores = (profile: Profile): Float64Array => {
    const sums = new Float64Array(candidates.length);
    for (const { term, weight } of profile) {
      const number = collection.numberOf(term);
      if (number !== undefined) postings.accumulate(number, weight, sums);
    }
    return sums;
  };
  return {
    scores,
    rank(profile) {
      const sums = scores(profile);
      const ranked = candidates.map(({ id }, place) => ({ id, score: sums[place] ?? 0 }));
      return ranked.sort((a, b) => b.score - a.score || a.id - b.id);
    },
    reasons(profile, id, count) {
      const row = rows[places.get(id) ?? -1];
      const text = candidates[places.get(id) ?? -1];
      if (row === undefined || text === undefined) return [];
      const own = new Set(text.terms);
      return known(profile)
        .filter(({ number }) => own.has(number))
        .map(({ term, number, weight }) => ({ term, share: weight * (row.get(number) ?? 0) }))
        .sort((a, b) => b.share - a.share)
        .slice(0, count)
        .map(({ term }) => term);
    },
  };
}
