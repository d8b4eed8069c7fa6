import {
  type Expansion,
  expandLeaf,
  type LexemeTest,
  type Paper,
  type PhraseTerm,
  paperLexemes,
  positionOf,
  type Query,
  weightOf,
} from "@paperboy/core";

/** A paper as a set of its words, with their places for phrases, and in order for prefixes. */
export interface TokenisedPaper {
  readonly id: number;
  readonly places: ReadonlyMap<string, readonly number[]>;
  readonly sorted: readonly string[];
}

export function tokenise(paper: Paper): TokenisedPaper {
  const places = paperLexemes(paper);
  return { id: paper.id, places, sorted: [...places.keys()].sort() };
}

/** Whether one paper answers one topic. */
export type Test = (paper: TokenisedPaper) => boolean;

/**
 * What one writes who writes it well: each topic becomes a function once, a word is one look into the paper's set, a
 * prefix a binary search. Conditions on numbers and dates are not its matter.
 */
export function toTest(query: Query): Test {
  switch (query.kind) {
    case "and": {
      const parts = query.of.map(toTest);
      return (paper) => parts.every((part) => part(paper));
    }
    case "or": {
      const parts = query.of.map(toTest);
      return (paper) => parts.some((part) => part(paper));
    }
    case "not": {
      const part = toTest(query.of);
      return (paper) => !part(paper);
    }
    case "text":
    case "category":
      return textTest(expandLeaf(query));
    default:
      throw new Error(`the plain loop does not know ${query.kind}`);
  }
}

function textTest({ sequences, weight }: Expansion): Test {
  const tests = sequences.flat(2);
  const [only] = tests;
  if (only !== undefined && tests.length === 1 && weight === null) return (paper) => hasLexeme(only, paper);
  return (paper) => sequences.some((terms) => holds(terms, paper, weight));
}

function holds(terms: readonly PhraseTerm[], paper: TokenisedPaper, weight: number | null): boolean {
  const [first, ...rest] = terms;
  if (first === undefined || !terms.every((term) => term.some((test) => hasLexeme(test, paper))))
    return false;
  if (rest.length === 0 && weight === null) return true;
  return placesOf(first, paper, weight).some((start) =>
    rest.every((term, step) =>
      placesOf(term, paper, weight).some(
        (place) => weightOf(place) === weightOf(start) && positionOf(place) === positionOf(start) + step + 1,
      ),
    ),
  );
}

function hasLexeme({ lexeme, prefix }: LexemeTest, paper: TokenisedPaper): boolean {
  if (!prefix) return paper.places.has(lexeme);
  return paper.sorted[firstFrom(paper.sorted, lexeme)]?.startsWith(lexeme) ?? false;
}

function placesOf(term: PhraseTerm, paper: TokenisedPaper, weight: number | null): number[] {
  const found = term.flatMap(({ lexeme, prefix }) => {
    if (!prefix) return paper.places.get(lexeme) ?? [];
    const all: number[] = [];
    for (let at = firstFrom(paper.sorted, lexeme); paper.sorted[at]?.startsWith(lexeme); at++) {
      all.push(...(paper.places.get(paper.sorted[at] as string) ?? []));
    }
    return all;
  });
  return weight === null ? found : found.filter((place) => weightOf(place) === weight);
}

/** The place of the first lexeme that is not before `start`. */
function firstFrom(sorted: readonly string[], start: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
