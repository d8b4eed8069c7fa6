import {
  expandLeaf,
  type LexemeTest,
  type Paper,
  paperLexemes,
  positionOf,
  type Query,
  type Slot,
  weightOf,
} from "@paperboy/core";

/** A paper as a set of its words, with their places for phrases. */
export type TokenisedPaper = ReadonlyMap<string, readonly number[]>;

export const tokenise = (paper: Paper): TokenisedPaper => paperLexemes(paper);

/** What one writes first: looks at one paper, asks one query, term by term. Conditions on numbers are not its matter. */
export function plainMatch(query: Query, paper: TokenisedPaper): boolean {
  switch (query.kind) {
    case "and":
      return query.of.every((part) => plainMatch(part, paper));
    case "or":
      return query.of.some((part) => plainMatch(part, paper));
    case "not":
      return !plainMatch(query.of, paper);
    case "text":
    case "category": {
      const { weight, sequences } = expansionOf(query);
      return sequences.some((slots) => holds(slots, paper, weight));
    }
    default:
      throw new Error(`the plain loop does not know ${query.kind}`);
  }
}

/** Even a plain loop reads its queries once. */
const expansions = new WeakMap<Query, ReturnType<typeof expandLeaf>>();

function expansionOf(leaf: Extract<Query, { kind: "text" | "category" }>) {
  let expansion = expansions.get(leaf);
  if (expansion === undefined) {
    expansion = expandLeaf(leaf);
    expansions.set(leaf, expansion);
  }
  return expansion;
}

function holds(slots: readonly Slot[], paper: TokenisedPaper, weight: number | null): boolean {
  const [first, ...rest] = slots;
  if (first === undefined) return false;
  if (rest.length === 0 && weight === null) return first.some((test) => hasLexeme(test, paper));
  const starts = places(first, paper, weight);
  return starts.some((start) =>
    rest.every((slot, step) =>
      places(slot, paper, weight).some(
        (place) => weightOf(place) === weightOf(start) && positionOf(place) === positionOf(start) + step + 1,
      ),
    ),
  );
}

function hasLexeme({ lexeme, prefix }: LexemeTest, paper: TokenisedPaper): boolean {
  if (!prefix) return paper.has(lexeme);
  for (const known of paper.keys()) if (known.startsWith(lexeme)) return true;
  return false;
}

function places(slot: Slot, paper: TokenisedPaper, weight: number | null): number[] {
  const found = slot.flatMap(({ lexeme, prefix }) => {
    if (!prefix) return paper.get(lexeme) ?? [];
    return [...paper].flatMap(([known, at]) => (known.startsWith(lexeme) ? at : []));
  });
  return weight === null ? found : found.filter((place) => weightOf(place) === weight);
}
