import { cutAtWord } from "../clean-text.ts";
import type { Collection } from "./collection.ts";
import type { Profile } from "./profile.ts";
import { prepareRankers } from "./ranker.ts";
import { evenly } from "./spread.ts";
import { isAuthorTerm, type TasteText } from "./taste.ts";
import { sharedWords, type TellingWords, tellingWords } from "./telling-words.ts";
import { inverseFrequency } from "./weights.ts";

/** A new paper that readers may get. */
export interface ForYouCandidate extends TasteText {
  readonly id: number;
}

/** A paper that a reader marked, as it is named in reasons. */
export interface NamedMark {
  readonly title: string;
  /** Its telling words. */
  readonly terms: readonly string[];
}

/** A paper that fits a reader. */
export interface Fitting {
  readonly id: number;
  readonly score: number;
}

/** Ranks the new papers for any number of readers. */
export interface ForYou {
  /**
   * The candidates that are wanted and fit a profile, best first, at most `most`. What fits is above a bar: what one paper in
   * twenty of the collection reaches for this reader, and a third of what the best of them does. A weak day therefore brings few
   * papers, or none.
   */
  choose(profile: Profile, wanted: (id: number) => boolean, most: number): Fitting[];
  /** Why a candidate fits: the marked paper that is nearest to it, and what both hold. Every word of it is true. */
  why(id: number, profile: Profile, marks: readonly NamedMark[]): string;
}

/** How many papers of the collection tell what an ordinary score is, which part of them may be above the bar. */
const REFERENCES = 400;
const PART_ABOVE = 0.05;
/** What fits has this part of the best reference's score: where nothing fits well, one paper in twenty is no reason. */
const PART_OF_BEST = 1 / 3;
/** Fewer references tell nothing. */
const ENOUGH = 40;
const SHOWN_WORDS = 3;
const SHOWN_TITLE = 90;

/** Makes the ranker of one state of a collection, in steps; the collection must not change meanwhile. */
export function* prepareForYou(
  collection: Collection,
  candidates: readonly ForYouCandidate[],
): Generator<void, ForYou> {
  const references = evenly([...collection.texts()], REFERENCES);
  const known = candidates.filter(({ id }) => collection.text(id) !== undefined);
  const texts = known.flatMap(({ id }) => collection.text(id) ?? []);
  const rankers = yield* prepareRankers(collection);
  const ranker = yield* rankers([...references, ...texts]);
  const byId = new Map(known.map((paper) => [paper.id, paper]));
  const words = createWords(collection, byId);
  return {
    choose(profile, wanted, most) {
      const scores = ranker.scores(profile);
      const bar = barOf(scores.slice(0, references.length));
      const fitting: Fitting[] = [];
      for (const [place, { id }] of texts.entries()) {
        const score = scores[references.length + place] ?? 0;
        if (score > bar && wanted(id)) fitting.push({ id, score });
      }
      fitting.sort((a, b) => b.score - a.score || b.id - a.id);
      return fitting.slice(0, most);
    },
    why: (id, profile, marks) => whyOf(words(id), profile, marks),
  };
}

function barOf(references: Float64Array): number {
  const ascending = references.toSorted();
  const best = ascending.at(-1) ?? 0;
  const usual =
    ascending.length < ENOUGH ? 0 : (ascending[Math.floor((1 - PART_ABOVE) * ascending.length)] ?? 0);
  return Math.max(usual, PART_OF_BEST * best);
}

/** The telling words of a candidate, and how rare each is. */
interface WeighedWords {
  readonly words: TellingWords;
  readonly rarity: ReadonlyMap<string, number>;
}

/** Found when they are first asked for: readers share them. */
function createWords(collection: Collection, byId: ReadonlyMap<number, ForYouCandidate>) {
  const known = new Map<number, WeighedWords>();
  return (id: number): WeighedWords => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const paper = byId.get(id);
    const words = paper === undefined ? new Map<string, string>() : tellingWords(collection, paper);
    const rarity = new Map([...words.keys()].map((term) => [term, rarityOf(collection, term)]));
    const weighed = { words, rarity };
    known.set(id, weighed);
    return weighed;
  };
}

function whyOf({ words, rarity }: WeighedWords, profile: Profile, marks: readonly NamedMark[]): string {
  let nearest: NamedMark | null = null;
  let most = 0;
  for (const mark of marks) {
    let weight = 0;
    for (const term of mark.terms) weight += rarity.get(term) ?? 0;
    if (weight > most) [nearest, most] = [mark, weight];
  }
  if (nearest !== null) {
    const shared = written(sharedWords(words, new Set(nearest.terms)), words);
    return `like “${cutAtWord(nearest.title, SHOWN_TITLE)}”, which you marked; shares: ${shared}`;
  }
  const own = written(
    profile.map(({ term }) => term).filter((term) => words.has(term)),
    words,
  );
  return own === "" ? "near papers that you marked" : `words of your profile: ${own}`;
}

/** Authors are said to be authors. */
function written(terms: readonly string[], words: TellingWords): string {
  return terms
    .slice(0, SHOWN_WORDS)
    .map((term) => (isAuthorTerm(term) ? `author ${words.get(term)}` : words.get(term)))
    .join(", ");
}

function rarityOf(collection: Collection, term: string): number {
  const parts = isAuthorTerm(term) ? [term] : term.split(" ");
  return parts.reduce((sum, part) => {
    const number = collection.numberOf(part);
    return sum + (number === undefined ? 1 : inverseFrequency(collection, number));
  }, 0);
}
