import { joinedWord } from "./leaves.ts";
import { foldName, MARK, WEIGHT } from "./paper-lexemes.ts";
import type { CategoryQuery, TextQuery } from "./query.ts";
import { stem } from "./stem.ts";

/** A lexeme to be found, or with `prefix` any that begins so. */
export interface LexemeTest {
  readonly lexeme: string;
  readonly prefix: boolean;
}

/** What may stand at one position: any of these lexemes. */
export type Slot = readonly LexemeTest[];

/** Text to be found in terms of lexemes, which is what both executors evaluate. */
export interface Expansion {
  /** The one weight all positions must have, or null when any will do. */
  readonly weight: number | null;
  /** Any of these sequences; the slots of one stand at neighbouring positions. */
  readonly sequences: readonly (readonly Slot[])[];
}

/** Translates a word, compound, prefix, phrase or category into the lexemes papers are indexed under. */
export function expandLeaf(leaf: TextQuery | CategoryQuery): Expansion {
  if (leaf.kind === "category") {
    return { weight: null, sequences: [[[{ lexeme: MARK.category + leaf.name, prefix: leaf.prefix }]]] };
  }
  const { field, words, prefix } = leaf;
  const slot = (word: string, last: boolean) => slotFor(word, leaf, last && prefix);
  const sequences: Slot[][] = [words.map((word, index) => slot(word, index === words.length - 1))];
  const compound = words.length > 1 && !leaf.quoted;
  const joined = compound ? joinedWord(leaf.text) : null;
  if (joined !== null) sequences.push([slot(joined, true)]);
  // `cs.CL` without a field means the category as well as the words.
  if (compound && field === null && !prefix) {
    sequences.push([[{ lexeme: MARK.category + foldName(leaf.text), prefix: false }]]);
  }
  return { weight: field === null || field === "author" ? null : WEIGHT[field], sequences };
}

function slotFor(word: string, { field }: TextQuery, prefix: boolean): Slot {
  const name = { lexeme: MARK.author + word, prefix };
  if (field === "author") return [name];
  if (!prefix)
    return field === null ? [{ lexeme: stem(word), prefix }, name] : [{ lexeme: stem(word), prefix }];
  const text = [
    { lexeme: word, prefix },
    { lexeme: MARK.word + word, prefix },
  ];
  return field === null ? [...text, name] : text;
}
