import {
  authorTerm,
  type Collection,
  createCollection,
  type ForYouCandidate,
  finish,
  isAuthorTerm,
  MAX_PACKED_PROFILE,
  packProfile,
  prepareForYou,
  sharedWords,
  type TasteWords,
  tasteBag,
  tasteProfile,
  tellingWords,
  unpackProfile,
} from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const NOTHING: TasteWords = { struck: [], pinned: [] };
const OTHERS = Array.from({ length: 37 }, (_, n) => `quark${n} lepton${n} boson${n}`);
const SUBJECTS = [
  "gated delta rule recurrence",
  "protein folding diffusion",
  "stellar spectra dust",
  ...OTHERS,
];

const paper = (id: number, subject: number, more = "", authors: string[] = []): ForYouCandidate => ({
  id,
  title: `${SUBJECTS[subject]} number ${id}`,
  abstract: `We study ${SUBJECTS[subject]} in setting ${id}. ${more}`,
  authors,
});

/** Two hundred papers, five of each subject. */
const papers = Array.from({ length: 200 }, (_, id) => paper(id, id % SUBJECTS.length));

function collect(all: readonly ForYouCandidate[]): Collection {
  const collection = createCollection();
  for (const each of all) collection.add(each.id, tasteBag(each));
  return collection;
}

const profileOf = (collection: Collection, marked: readonly ForYouCandidate[], words = NOTHING) =>
  tasteProfile(collection, marked.map(tasteBag), words);

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).filter((text) => !/\s/.test(text));
const profile = fc
  .uniqueArray(fc.record({ term: word, weight: fc.double({ min: 1e-6, max: 50, noNaN: true }) }), {
    maxLength: 600,
    selector: ({ term }) => term,
  })
  .map((terms) => terms.toSorted((a, b) => b.weight - a.weight));

describe("a packed profile", () => {
  it("takes 4 KB at most, and gives its heaviest terms back in order, with their shares of the heaviest", () => {
    fc.assert(
      fc.property(profile, (terms) => {
        const packed = packProfile(terms);
        expect(
          Buffer.byteLength(packed.terms) + Buffer.byteLength(packed.weights, "base64"),
        ).toBeLessThanOrEqual(MAX_PACKED_PROFILE);
        const back = unpackProfile(packed);
        expect(back.map(({ term }) => term)).toEqual(terms.slice(0, back.length).map(({ term }) => term));
        for (const [at, { weight }] of back.entries())
          expect(weight).toBeCloseTo((terms[at]?.weight ?? 0) / (terms[0]?.weight ?? 1), 4);
        if (terms.length <= 50) expect(back).toHaveLength(terms.length);
      }),
    );
  });
});

describe("a taste", () => {
  const collection = collect(papers);

  it("knows nothing of a word that is struck out, and lets another take its place", () => {
    const marked = papers.filter(({ id }) => id % SUBJECTS.length === 0);
    const struck = profileOf(collection, marked, { struck: ["delta"], pinned: [] });
    expect(profileOf(collection, marked).map(({ term }) => term)).toContain("delta");
    expect(struck.map(({ term }) => term)).not.toContain("delta");
  });
  it("weighs a pinned word three times as much as the heaviest, marked or not", () => {
    const marked = papers.slice(0, 1);
    const heaviest = profileOf(collection, marked)[0]?.weight ?? 0;
    const pinned = profileOf(collection, marked, { struck: [], pinned: ["stellar"] });
    expect(pinned[0]).toEqual({ term: "stellar", weight: 3 * heaviest });
    expect(tasteProfile(collection, [], { struck: [], pinned: ["dust"] })).toEqual([
      { term: "dust", weight: 3 },
    ]);
  });
  it("takes authors for terms, unless a paper has a crowd of them", () => {
    const few = tasteBag(paper(1, 0, "", ["Ada  Lovelace"]));
    expect(few.get(authorTerm("ada lovelace"))).toBe(1);
    const crowd = tasteBag(
      paper(
        1,
        0,
        "",
        Array.from({ length: 13 }, (_, n) => `Author ${n}`),
      ),
    );
    expect([...crowd.keys()].filter(isAuthorTerm)).toEqual([]);
  });
});

describe("for you", () => {
  const collection = collect(papers);
  const marked = [0, 40, 80].map((id) => papers[id] as ForYouCandidate);
  const fresh = [paper(200, 0), paper(201, 1), paper(202, 2), paper(203, 0)];
  const all = collect([...papers, ...fresh]);
  const forYou = finish(prepareForYou(all, fresh));
  const profile = profileOf(all, marked);
  const everything = () => true;

  it("brings what is like the marked papers, and leaves a day without such papers empty", () => {
    const found = forYou.choose(profile, everything, 10).map(({ id }) => id);
    expect(found.toSorted()).toEqual([200, 203]);
    const weak = [paper(300, 1), paper(301, 2)];
    const day = finish(prepareForYou(collect([...papers, ...weak]), weak));
    expect(day.choose(profile, everything, 10)).toEqual([]);
  });
  it("brings only what is wanted, and as many as are asked for", () => {
    expect(forYou.choose(profile, (id) => id !== 200, 10).map(({ id }) => id)).toEqual([203]);
    expect(forYou.choose(profile, everything, 1)).toHaveLength(1);
  });
  it("names the nearest marked paper, and words that stand in both", () => {
    const marks = [papers[1], papers[0]].map((each) => ({
      title: (each as ForYouCandidate).title,
      terms: [...tellingWords(all, each as ForYouCandidate).keys()],
    }));
    const why = forYou.why(200, profile, marks);
    expect(why).toContain(`like “${papers[0]?.title}”, which you marked; shares: `);
    for (const shared of why.split("shares: ")[1]?.split(", ") ?? []) {
      expect(`${papers[0]?.title} ${papers[0]?.abstract}`).toContain(shared);
      expect(`${fresh[0]?.title} ${fresh[0]?.abstract}`).toContain(shared);
    }
  });
  it("says the words alone when no marked paper is near, and never an empty reason", () => {
    expect(forYou.why(200, [{ term: "delta", weight: 1 }], [])).toBe("words of your profile: delta");
    expect(forYou.why(200, [], [])).not.toBe("");
  });
  it("names an author whom both have", () => {
    const [old, young] = [paper(1, 0, "", ["Ada Lovelace"]), paper(2, 3, "", ["Ada Lovelace"])];
    const day = finish(prepareForYou(collect([...papers, young]), [young]));
    const why = day.why(2, [], [{ title: old.title, terms: [...tellingWords(collection, old).keys()] }]);
    expect(why).toContain("author Ada Lovelace");
  });
});

describe("telling words", () => {
  it("leave out what stands in every other paper, once there are papers enough to tell", () => {
    const words = tellingWords(collect(papers), paper(1, 0));
    expect([...words.keys()]).not.toContain("studi");
    expect([...words.keys()]).not.toContain("set");
  });
  it("two papers share are in both, two neighbouring words before single ones", () => {
    const collection = collect(papers.slice(0, 4));
    const a = tellingWords(collection, { title: "Gated delta rule", abstract: "", authors: [] });
    const b = tellingWords(collection, { title: "The delta rule again", abstract: "", authors: [] });
    const shared = sharedWords(a, b).map((term) => a.get(term));
    expect(shared[0]).toBe("delta rule");
    expect(shared).not.toContain("delta");
  });
});
