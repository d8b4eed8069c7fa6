import { randomStream } from "./corpus.ts";
import type { BenchOptions, BenchResult } from "./frame.ts";
import { progress, rounded } from "./frame.ts";
import { type Libraries, loadLibraries } from "./relevance-data.ts";
import { rankingWays, requireText, type Way } from "./relevance-ways.ts";

const SEEDS = [5, 10, 20, Number.POSITIVE_INFINITY];
const TOP = 10;
const DEEP = 100;
const RESAMPLES = 1_000;

interface Quality {
  readonly precision: number;
  readonly recall: number;
  readonly ndcg: number;
  readonly mrr: number;
}

/**
 * Real people's libraries: from the first k articles of each, all new articles are ranked, and those that the person took
 * up are right. The product's own ranker beside other ways, over the same articles.
 */
export async function benchRelevance({ libraries: files, limit }: BenchOptions): Promise<BenchResult> {
  const libraries = loadLibraries(files, limit);
  progress("preparing the rankers");
  const rows = Object.entries(rankingWays(libraries.collection, libraries.articles)).flatMap(([name, way]) =>
    SEEDS.map((k) => row(name, k, libraries, way)),
  );
  return {
    rows,
    notes: [
      `${libraries.readers.length} libraries, ${libraries.articles.length} new articles ranked for each; k is how many seeds.`,
      `precision and nDCG at ${TOP}, recall at ${DEEP}; "±" is half the 95 % bootstrap interval over readers.`,
      '"by recency" weighs a seed by 1 / (1 + log10 of its rank), as digests made from a reference manager do.',
    ],
  };
}

function row(name: string, k: number, { readers, collection, articles }: Libraries, way: Way) {
  const found = readers.map((reader) => {
    const seeds = reader.old.slice(0, k).map((id) => requireText(collection, id));
    return judge(order(way(seeds), articles), new Set(reader.new));
  });
  const label = Number.isFinite(k) ? k : "all";
  progress(`${name}, ${label} seeds`);
  const mean = (figure: keyof Quality) => rounded(average(found.map((each) => each[figure])));
  const spread = (figure: keyof Quality) => rounded(interval(found.map((each) => each[figure])), 2);
  return {
    way: name,
    k: label,
    precision: mean("precision"),
    "precision ±": spread("precision"),
    recall: mean("recall"),
    "recall ±": spread("recall"),
    ndcg: mean("ndcg"),
    "ndcg ±": spread("ndcg"),
    mrr: mean("mrr"),
    readers: found.length,
  };
}

/** Articles by falling score; equal ones in their own order. */
function order(scores: ArrayLike<number>, articles: readonly number[]): number[] {
  const places = Uint32Array.from(articles, (_, place) => place);
  places.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  return Array.from(places, (place) => articles[place] ?? -1);
}

function judge(ranked: readonly number[], right: ReadonlySet<number>): Quality {
  const hits = (depth: number) => ranked.slice(0, depth).filter((id) => right.has(id)).length;
  const gain = (place: number) => 1 / Math.log2(place + 2);
  let gained = 0;
  let best = 0;
  for (let place = 0; place < TOP; place++) {
    if (right.has(ranked[place] ?? -1)) gained += gain(place);
    if (place < right.size) best += gain(place);
  }
  const first = ranked.findIndex((id) => right.has(id));
  return {
    precision: hits(TOP) / TOP,
    recall: hits(DEEP) / right.size,
    ndcg: gained / best,
    mrr: first < 0 ? 0 : 1 / (first + 1),
  };
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function interval(values: readonly number[]): number {
  const random = randomStream(11);
  const means = Array.from({ length: RESAMPLES }, () =>
    average(values.map(() => values[Math.floor(random() * values.length)] ?? 0)),
  ).sort((a, b) => a - b);
  return ((means[Math.floor(0.975 * RESAMPLES)] ?? 0) - (means[Math.floor(0.025 * RESAMPLES)] ?? 0)) / 2;
}
