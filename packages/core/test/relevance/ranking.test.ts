import {
  type Collection,
  createCollection,
  createNeighbours,
  createRankers,
  MAX_PROFILE_TERMS,
  type Profile,
  profileOf,
  type Ranked,
  termBag,
} from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const WORDS = "ant bee cat dog eel fox gnu hen ibis jay kite lynx mole newt owl".split(" ");
const bag = fc.dictionary(fc.constantFrom(...WORDS), fc.integer({ min: 1, max: 5 }), { minKeys: 1 });
const library = fc.array(bag, { minLength: 3, maxLength: 25 });
type Bag = Record<string, number>;

function collect(bags: readonly Bag[]): Collection {
  const collection = createCollection();
  for (const [id, each] of bags.entries()) collection.add(id, new Map(Object.entries(each)));
  return collection;
}

const textsOf = (collection: Collection, ids: Iterable<number>) =>
  [...ids].flatMap((id) => collection.text(id) ?? []);
const all = (collection: Collection) => [...collection.texts()];
const rankAll = (collection: Collection, profile: Profile): Ranked[] =>
  createRankers(collection)(all(collection)).rank(profile);
const scores = (ranked: readonly Ranked[]) => new Map(ranked.map(({ id, score }) => [id, score]));
const weights = (profile: Profile) => new Map(profile.map(({ term, weight }) => [term, weight]));

/** Numbers that differ by rounding alone: sums are added up in another order. */
function expectAlike<Key>(found: ReadonlyMap<Key, number>, wanted: ReadonlyMap<Key, number>): void {
  expect([...found.keys()].toSorted()).toEqual([...wanted.keys()].toSorted());
  for (const [key, value] of wanted) expect(found.get(key)).toBeCloseTo(value, 9);
}

describe("a collection", () => {
  it("forgets a paper as if it had never been there", () => {
    fc.assert(
      fc.property(library, bag, (bags, extra) => {
        const collection = collect(bags);
        collection.add(1_000, new Map(Object.entries(extra)));
        collection.remove(1_000);
        collection.remove(1_000);
        const untouched = collect(bags);
        expect(collection.size).toBe(untouched.size);
        expect(collection.averageLength).toBe(untouched.averageLength);
        expectAlike(
          weights(profileOf(collection, all(collection))),
          weights(profileOf(untouched, all(untouched))),
        );
        expectAlike(
          scores(rankAll(collection, profileOf(collection, textsOf(collection, [0])))),
          scores(rankAll(untouched, profileOf(untouched, textsOf(untouched, [0])))),
        );
      }),
    );
  });
  it("counts a paper that is added again once, as it is now", () => {
    const collection = collect([{ ant: 1 }, { bee: 2 }]);
    collection.add(0, new Map([["cat", 4]]));
    expect(collection.size).toBe(2);
    expect(collection.averageLength).toBe(3);
    const frequency = (term: string) => collection.documentFrequency(collection.numberOf(term) ?? -1);
    expect([frequency("ant"), frequency("bee"), frequency("cat")]).toEqual([0, 1, 1]);
  });
});

describe("a profile", () => {
  it("does not depend on the order of the marks", () => {
    fc.assert(
      fc.property(library, (bags) => {
        const collection = collect(bags);
        const marked = all(collection);
        expectAlike(
          weights(profileOf(collection, marked.toReversed())),
          weights(profileOf(collection, marked)),
        );
      }),
    );
  });
  it("loses a silenced word and keeps the weights of all others", () => {
    fc.assert(
      fc.property(library, fc.constantFrom(...WORDS), (bags, word) => {
        const collection = collect(bags);
        const full = profileOf(collection, all(collection));
        expect(profileOf(collection, all(collection), new Set([word]))).toEqual(
          full.filter(({ term }) => term !== word),
        );
      }),
    );
  });
  it("weighs a rare word more than a common one that stands as often", () => {
    const collection = collect([{ ant: 1, bee: 1 }, { ant: 1 }, { ant: 1 }, { cat: 1 }]);
    expect(profileOf(collection, textsOf(collection, [0])).map(({ term }) => term)).toEqual(["bee", "ant"]);
  });
  it("keeps the heaviest 400 words, heaviest first", () => {
    const collection = createCollection();
    const many = Array.from({ length: 600 }, (_, at): [string, number] => [`word${at}`, 1 + (at % 7)]);
    collection.add(0, new Map(many));
    const profile = profileOf(collection, all(collection));
    expect(profile).toHaveLength(MAX_PROFILE_TERMS);
    expect(profile.map(({ weight }) => weight)).toEqual(
      profile.map(({ weight }) => weight).toSorted((a, b) => b - a),
    );
    expect(profile.every(({ term }) => Number(term.slice(4)) % 7 >= 2)).toBe(true);
  });
  it("of no marks, or of papers without words, is empty", () => {
    const collection = collect([{ ant: 1 }]);
    expect(profileOf(collection, [])).toEqual([]);
    expect(profileOf(collection, [collection.count(new Map())])).toEqual([]);
  });
});

describe("a ranking", () => {
  it("names every candidate once, best first, equal ones by id", () => {
    fc.assert(
      fc.property(library, (bags) => {
        const collection = collect(bags);
        const ranked = rankAll(collection, profileOf(collection, textsOf(collection, [0, 1])));
        expect(ranked.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual([...bags.keys()]);
        expect(ranked).toEqual(ranked.toSorted((a, b) => b.score - a.score || a.id - b.id));
        expect(ranked.every(({ score }) => Number.isFinite(score) && score >= 0)).toBe(true);
      }),
    );
  });
  it("changes by the share of a silenced word and nothing else", () => {
    fc.assert(
      fc.property(library, fc.constantFrom(...WORDS), (bags, word) => {
        const collection = collect(bags);
        const marked = textsOf(collection, [0, 1, 2]);
        const full = profileOf(collection, marked);
        const share = scores(
          rankAll(
            collection,
            full.filter(({ term }) => term === word),
          ),
        );
        const kept = scores(rankAll(collection, profileOf(collection, marked, new Set([word]))));
        const sum = new Map([...kept].map(([id, score]) => [id, score + (share.get(id) ?? 0)]));
        expectAlike(sum, scores(rankAll(collection, full)));
      }),
    );
  });
  it("gives reasons that stand in the paper and in the profile, heaviest first, no more than asked for", () => {
    fc.assert(
      fc.property(library, fc.integer({ min: 1, max: 4 }), (bags, count) => {
        const collection = collect(bags);
        const profile = profileOf(collection, textsOf(collection, [0, 1]));
        const ranker = createRankers(collection)(all(collection));
        for (const [id, own] of bags.entries()) {
          const reasons = ranker.reasons(profile, id, count);
          const shared = profile.filter(({ term }) => term in own);
          expect(reasons).toHaveLength(Math.min(count, shared.length));
          expect(reasons.every((term) => shared.some((each) => each.term === term))).toBe(true);
        }
      }),
    );
  });
  it("gives no reasons for a paper that it does not know", () => {
    const collection = collect([{ ant: 1 }]);
    const profile = profileOf(collection, all(collection));
    expect(createRankers(collection)(all(collection)).reasons(profile, 9, 3)).toEqual([]);
  });
  it("finds a paper that avoids the reader's word through papers like it", () => {
    // 2 is like 1, which speaks of ants; 3 is like nothing.
    const collection = collect([
      { ant: 3 },
      { ant: 1, bee: 2, cat: 2 },
      { bee: 2, cat: 2 },
      { owl: 2, newt: 2 },
    ]);
    const ranked = scores(rankAll(collection, profileOf(collection, textsOf(collection, [0]))));
    expect(ranked.get(2)).toBeGreaterThan(0);
    expect(ranked.get(3)).toBe(0);
  });
  it("holds for a collection without papers", () => {
    const collection = createCollection();
    const text = collection.count(termBag({ title: "Ants", abstract: "" }), 5);
    expect(createRankers(collection)([text]).rank(profileOf(collection, [text]))).toEqual([
      { id: 5, score: expect.any(Number) },
    ]);
  });
});

describe("neighbours", () => {
  it("are alike both ways, never the paper itself, nearest first", () => {
    fc.assert(
      fc.property(library, (bags) => {
        const collection = collect(bags);
        const find = createNeighbours(collection);
        const found = new Map(
          all(collection).map((text) => [
            text.id,
            new Map(find(text, bags.length).map(({ id, similarity }) => [id, similarity])),
          ]),
        );
        for (const [id, nearest] of found) {
          expect(nearest.has(id)).toBe(false);
          const values = [...nearest.values()];
          expect(values).toEqual(values.toSorted((a, b) => b - a));
          for (const [other, similarity] of nearest) {
            expect(similarity).toBeLessThanOrEqual(1);
            expect(found.get(other)?.get(id)).toBeCloseTo(similarity, 9);
          }
        }
      }),
    );
  });
  it("are the same few whether few or all are asked for", () => {
    fc.assert(
      fc.property(library, (bags) => {
        const collection = collect(bags);
        const find = createNeighbours(collection);
        const text = all(collection)[0];
        if (text) expect(find(text, 2)).toEqual(find(text, bags.length).slice(0, 2));
      }),
    );
  });
});

describe("the words of a paper", () => {
  it("are those of the analyzer, so that forms of a word are one", () => {
    const bag = termBag({ title: "Graph networks", abstract: "A network for graphs" });
    const counts = [...bag.values()].toSorted((a, b) => b - a);
    expect(counts.slice(0, 2)).toEqual([2, 2]);
  });
});
