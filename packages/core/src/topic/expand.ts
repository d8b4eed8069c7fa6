import { foldName, MARK, WEIGHT } from "./paper-lexemes.ts";
import { joinedWord } from "./parse-leaf.ts";
import type { CategoryQuery, TextQuery } from "./query.ts";
import { isInflected, stem } from "./stem.ts";

/** A lexeme to be found, or with `prefix` any that begins so. */
export interface LexemeTest {
  readonly lexeme: string;
  readonly prefix: boolean;
}

/** What may stand at one position: any of these lexemes. */
export type PhraseTerm = readonly LexemeTest[];

/** Text to be found in terms of lexemes, which is what both executors evaluate. */
export interface Expansion {
  /** The one weight all positions must have, or null when any will do. */
  readonly weight: number | null;
  /** Any of these sequences; the terms of one stand at neighbouring positions. */
  readonly sequences: readonly (readonly PhraseTerm[])[];
}

/** Translates a word, compound, prefix, phrase or category into the lexemes papers are indexed under. */
export function expandLeaf(leaf: TextQuery | CategoryQuery): Expansion {
  if (leaf.kind === "category") {
    return { weight: null, sequences: [[[{ lexeme: MARK.category + leaf.name, prefix: leaf.prefix }]]] };
  }
  const { field, words, quoted, prefix } = leaf;
  const exact = quoted && words.length === 1;
  const term = (word: string, last: boolean) => {
    return withName(
      last && prefix ? prefixTests(word) : exact ? exactTest(word) : stemTests(word),
      word,
      leaf,
    );
  };
  const sequences: PhraseTerm[][] = [words.map((word, index) => term(word, index === words.length - 1))];
  const compound = words.length > 1 && !quoted;
  const joined = compound ? joinedWord(leaf.text) : null;
  if (joined !== null) sequences.push([term(joined, true)]);
  // `cs.CL` without a field means the category as well as the words.
  if (compound && field === null && !prefix) {
    sequences.push([[{ lexeme: MARK.category + foldName(leaf.text), prefix: false }]]);
  }
  return { weight: expandedWeight(leaf), sequences };
}

/** The same words as they are written, in no other form: what answers a query more exactly than it asks for. */
export function expandExactly(leaf: TextQuery): Expansion {
  const { field, words } = leaf;
  const name = (word: string): PhraseTerm => [{ lexeme: MARK.author + word, prefix: false }];
  const slots = words.map(field === "author" ? name : exactTest);
  return { weight: expandedWeight(leaf), sequences: [slots] };
}

const expandedWeight = ({ field }: TextQuery): number | null =>
  field === null || field === "author" ? null : WEIGHT[field];

/** Every word that has the stem of this one; one that is the stem itself is indexed as it is written. */
function stemTests(word: string): PhraseTerm {
  const term = stem(word);
  const tests = [{ lexeme: term, prefix: false }];
  if (isInflected(term) && stem(term) === term) tests.push({ lexeme: MARK.word + term, prefix: false });
  return tests;
}

/** The word as it is written, in no other form. */
const exactTest = (word: string): PhraseTerm => [
  { lexeme: isInflected(word) ? MARK.word + word : word, prefix: false },
];

const prefixTests = (word: string): PhraseTerm => [
  { lexeme: word, prefix: true },
  { lexeme: MARK.word + word, prefix: true },
];

/** A word may stand in a name as well, unless it is asked for in another field; names have no other forms. */
function withName(text: PhraseTerm, word: string, { field, prefix }: TextQuery): PhraseTerm {
  if (field !== null && field !== "author") return text;
  const name = { lexeme: MARK.author + word, prefix: prefix && text.some((test) => test.prefix) };
  return field === "author" ? [name] : [...text, name];
}
