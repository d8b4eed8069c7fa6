import { type Expansion, expandExactly, expandLeaf, type PhraseTerm } from "./expand.ts";
import type { IndexedPaper, ResolvedTerm } from "./indexed-paper.ts";
import type { CategoryQuery, LeafQuery, TextQuery } from "./query.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Text to be found, in the numbers of one index's vocabulary; sequences that can't occur are left out. */
export interface ResolvedText {
  readonly weight: number | null;
  readonly sequences: readonly (readonly ResolvedTerm[])[];
}

/** One part of a query in the numbers of a vocabulary: what it matches, and its words as they are written. */
export interface ScoredLeaf {
  readonly text: ResolvedText;
  readonly exact: ResolvedText;
}

/** What of a vocabulary text is looked up in. */
type Lexemes = Pick<Vocabulary, "idOf" | "beginningWith">;

export const resolve = (leaf: TextQuery | CategoryQuery, vocabulary: Lexemes): ResolvedText =>
  resolveExpansion(expandLeaf(leaf), vocabulary);

/** A part of a query as papers are scored by it. */
export const resolveScored = (leaf: TextQuery, vocabulary: Lexemes): ScoredLeaf => ({
  text: resolve(leaf, vocabulary),
  exact: resolveExpansion(expandExactly(leaf), vocabulary),
});

function resolveExpansion({ weight, sequences }: Expansion, vocabulary: Lexemes): ResolvedText {
  const resolved = sequences.map((terms) => terms.map((term) => resolveTerm(term, vocabulary)));
  return { weight, sequences: resolved.filter((terms) => terms.every(({ ids }) => ids.length > 0)) };
}

/** What few are looked for in has no set of its own: there are ten thousand of them in a planning. */
const NONE: ReadonlySet<number> = new Set();

function resolveTerm(term: PhraseTerm, vocabulary: Lexemes): ResolvedTerm {
  const ids = term.flatMap(({ lexeme, prefix }) => {
    if (prefix) return vocabulary.beginningWith(lexeme);
    const id = vocabulary.idOf(lexeme);
    return id === undefined ? [] : [id];
  });
  return { ids, has: ids.length > 8 ? new Set(ids) : NONE };
}

/** A condition on what is known of a paper beside its text. */
export type FactQuery = Exclude<LeafQuery, TextQuery | CategoryQuery>;

/** Whether a paper meets a condition; a number or date nobody knows meets none. */
export function meets({ paper }: Pick<IndexedPaper, "paper">, leaf: FactQuery): boolean {
  switch (leaf.kind) {
    case "source":
      return paper.sources.some((source) => asciiLower(source) === leaf.name);
    case "has":
      return paper.codeUrl !== null;
    case "number":
      return compare(paper[leaf.field], leaf);
    case "date": {
      const instant = paper.publishedAt ?? paper.announcedAt;
      const border = Date.parse(`${leaf.date}T00:00:00Z`);
      if (instant === null) return false;
      return leaf.side === "after" ? instant.getTime() >= border : instant.getTime() < border;
    }
  }
}

/** What PostgreSQL's collation "C" does, so that both executors compare names alike. */
const asciiLower = (name: string): string => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

function compare(
  known: number | null,
  { comparison, value }: Extract<LeafQuery, { kind: "number" }>,
): boolean {
  if (known === null) return false;
  switch (comparison) {
    case ">=":
      return known >= value;
    case ">":
      return known > value;
    case "<=":
      return known <= value;
    case "<":
      return known < value;
    case "=":
      return known === value;
  }
}
