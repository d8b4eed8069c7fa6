import { type Collection, type CountedText, createRankers, profileOf } from "@paperboy/core";
import { randomStream } from "./corpus.ts";

/** A way to rank the articles for a reader: a score for each article, in their order, from the reader's seeds. */
export type Way = (seeds: readonly CountedText[]) => ArrayLike<number>;

/** The product's own ranker and what others do, over the same articles. */
export function rankingWays(collection: Collection, articles: readonly number[]): Record<string, Way> {
  const texts = articles.map((id) => requireText(collection, id));
  const space = createSpace(collection, texts);
  const ranker = createRankers(collection)(texts);
  const places = new Map(articles.map((id, place) => [id, place]));
  const random = randomStream(7);
  return {
    random: () => Float64Array.from(articles, () => random()),
    "three keywords": (seeds) => keywords(space, seeds),
    "TF-IDF centroid": (seeds) => space.similarities(space.mean(seeds, () => 1 / seeds.length)),
    "linear SVM": (seeds) => space.similarities(linearSvm(space, seeds)),
    "by recency": (seeds) => space.similarities(space.mean(seeds, (rank) => 1 / (1 + Math.log10(rank + 1)))),
    paperboy: (seeds) => {
      const scores = new Float64Array(articles.length);
      for (const { id, score } of ranker.rank(profileOf(collection, seeds)))
        scores[places.get(id) ?? 0] = score;
      return scores;
    },
  };
}

export function requireText(collection: Collection, id: number): CountedText {
  const text = collection.text(id);
  if (text === undefined) throw new Error(`article ${id} is not among the words`);
  return text;
}

/** Plain TF-IDF, as a textbook has it, written apart from the product: (1 + ln count) · idf, unit length. */
function createSpace(collection: Collection, texts: readonly CountedText[]) {
  const idf = (term: number) =>
    Math.log((collection.size + 1) / (collection.documentFrequency(term) + 1)) + 1;
  const vector = ({ terms, counts }: CountedText): Map<number, number> => {
    const entries = new Map<number, number>();
    let squares = 0;
    for (const [at, term] of terms.entries()) {
      const weight = (1 + Math.log(counts[at] ?? 1)) * idf(term);
      entries.set(term, weight);
      squares += weight ** 2;
    }
    for (const [term, weight] of entries) entries.set(term, weight / Math.sqrt(squares));
    return entries;
  };
  const lists = new Map<number, [place: number, weight: number][]>();
  for (const [place, text] of texts.entries()) {
    for (const [term, weight] of vector(text)) {
      const list = lists.get(term);
      if (list) list.push([place, weight]);
      else lists.set(term, [[place, weight]]);
    }
  }
  return {
    idf,
    vector,
    others: evenly([...collection.texts()], 1_000),
    mean(seeds: readonly CountedText[], weightOf: (rank: number) => number) {
      const sum = new Map<number, number>();
      for (const [rank, seed] of seeds.entries()) {
        for (const [term, weight] of vector(seed)) {
          sum.set(term, (sum.get(term) ?? 0) + weight * weightOf(rank));
        }
      }
      return sum;
    },
    similarities(query: ReadonlyMap<number, number>) {
      const sums = new Float64Array(texts.length);
      for (const [term, weight] of query) {
        for (const [place, other] of lists.get(term) ?? []) sums[place] = (sums[place] ?? 0) + weight * other;
      }
      return sums;
    },
  };
}

type Space = ReturnType<typeof createSpace>;

/** What a reader would type: the three words that weigh most in the seeds together, any of them. */
function keywords(space: Space, seeds: readonly CountedText[]): Float64Array {
  const mean = [...space.mean(seeds, () => 1)].sort(([, a], [, b]) => b - a).slice(0, 3);
  return space.similarities(new Map(mean.map(([term]) => [term, space.idf(term)])));
}

const ROUNDS = 5;
const COST = 0.01;
/** A number no term has: its weight is the intercept. */
const INTERCEPT = -1;
/** Of a unit vector and its intercept. */
const SQUARED_LENGTH = 2;

/** A linear SVM a reader, seeds against 1,000 other papers, classes balanced: dual coordinate descent (Hsieh et al., 2008). */
function linearSvm(space: Space, seeds: readonly CountedText[]): Map<number, number> {
  const marked = new Set(seeds.map(({ id }) => id));
  const others = space.others.filter(({ id }) => !marked.has(id));
  const vectorOf = (text: CountedText) => space.vector(text).set(INTERCEPT, 1);
  const examples = [
    ...seeds.map((text) => ({
      vector: vectorOf(text),
      sign: 1,
      cost: (COST * others.length) / seeds.length,
    })),
    ...others.map((text) => ({ vector: vectorOf(text), sign: -1, cost: COST })),
  ];
  const weights = new Map<number, number>();
  const alphas = new Float64Array(examples.length);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, { vector, sign, cost }] of examples.entries()) {
      let margin = 0;
      for (const [term, value] of vector) margin += (weights.get(term) ?? 0) * value;
      const before = alphas[place] ?? 0;
      const after = Math.min(cost, Math.max(0, before - (sign * margin - 1) / SQUARED_LENGTH));
      if (after === before) continue;
      alphas[place] = after;
      for (const [term, value] of vector)
        weights.set(term, (weights.get(term) ?? 0) + (after - before) * sign * value);
    }
  }
  return weights;
}

function evenly<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, items.length / count);
  return items.filter((_, place) => Math.floor(place / step) !== Math.floor((place - 1) / step));
}
