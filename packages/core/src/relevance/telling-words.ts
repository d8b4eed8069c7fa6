import { cleanLine } from "../clean-text.ts";
import { analyze, type Token } from "../topic/analyze.ts";
import type { Collection } from "./collection.ts";
import { authorTerm, type TasteText } from "./taste.ts";
import { inverseFrequency } from "./weights.ts";

/**
 * The words that tell a paper from others, each with how it is written there: terms, two terms that follow one another (with a
 * space between), and authors. Two papers that have one in common both hold it.
 */
export type TellingWords = ReadonlyMap<string, string>;

const WORDS = 20;
const AUTHORS = 12;
const SHORTEST = 3;
const LONGEST = 40;
/** What stands in more papers than this share is generic, once there are enough papers to tell. */
const GENERIC = 0.04;
const ENOUGH = 50;

export function tellingWords(collection: Collection, text: TasteText): TellingWords {
  const parts = [text.title, text.abstract].map((part) => analyze(part));
  const heaviest = heaviestTerms(collection, parts.flat());
  const words = new Map<string, string>();
  for (const tokens of parts)
    for (const [term, written] of pairsOf(tokens, heaviest)) words.set(term, written);
  for (const [term, written] of heaviest) words.set(term, written);
  for (const name of text.authors.slice(0, AUTHORS)) {
    const written = cleanLine(name, LONGEST);
    if (written !== "") words.set(authorTerm(name), written);
  }
  return words;
}

function heaviestTerms(collection: Collection, tokens: readonly Token[]): Map<string, string> {
  const found = new Map<string, { times: number; written: string }>();
  for (const { term, word } of tokens) {
    const entry = found.get(term);
    if (entry !== undefined) entry.times++;
    else if (isTelling(collection, term, word)) found.set(term, { times: 1, written: word });
  }
  const weighed = [...found].map(([term, { times, written }]) => {
    const number = collection.numberOf(term);
    const rarity =
      number === undefined ? Math.log(collection.size + 1) + 1 : inverseFrequency(collection, number);
    return { term, written, weight: (1 + Math.log(times)) * rarity };
  });
  weighed.sort((a, b) => b.weight - a.weight || (a.term < b.term ? -1 : 1));
  return new Map(weighed.slice(0, WORDS).map(({ term, written }) => [term, written]));
}

function isTelling(collection: Collection, term: string, word: string): boolean {
  if (word.length < SHORTEST || word.length > LONGEST || /^[\d.]+$/.test(word)) return false;
  const number = collection.numberOf(term);
  if (number === undefined || collection.size < ENOUGH) return true;
  return collection.documentFrequency(number) <= GENERIC * collection.size;
}

/** Telling words that follow one another. The parts of a compound stand with its joined form at one position. */
function* pairsOf(
  tokens: readonly Token[],
  telling: ReadonlyMap<string, string>,
): Generator<[term: string, written: string]> {
  for (const [at, first] of tokens.entries()) {
    if (!telling.has(first.term)) continue;
    const second = tokens.slice(at + 1, at + 4).find(({ position }) => position === first.position + 1);
    if (second === undefined || !telling.has(second.term)) continue;
    if (first.word.includes(second.word) || second.word.includes(first.word)) continue;
    yield [`${first.term} ${second.term}`, `${first.word} ${second.word}`];
  }
}

/** What two papers have in common, words of two first; a word that stands in one of those is left out. */
export function sharedWords(a: TellingWords, b: { has(term: string): boolean }): string[] {
  const shared = [...a.keys()].filter((term) => b.has(term));
  const pairs = shared.filter((term) => !term.startsWith("@") && term.includes(" "));
  const covered = new Set(pairs.flatMap((pair) => pair.split(" ")));
  return [...pairs, ...shared.filter((term) => !pairs.includes(term) && !covered.has(term))];
}
