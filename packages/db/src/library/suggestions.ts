import { analyze, parseQuery, type Query, type QueryAnswer, QuerySyntaxError } from "@paperboy/core";
import { type Facet, mostFrequent } from "./facets.ts";

/** Names that a word may be the beginning of. */
export interface Suggestions {
  readonly authors: readonly Facet[];
  readonly categories: readonly Facet[];
}

const SHOWN = 5;
/** Of more papers the newest are looked at. */
const LOOKED_AT = 2_000;
const NOTHING: Suggestions = { authors: [], categories: [] };

/**
 * Authors and categories of papers whose names begin with a word; nothing for a word of one letter.
 *
 * @param answer what the index answers to a query; null when it does not.
 */
export function suggestNames(word: string, answer: (query: Query) => QueryAnswer | null): Suggestions {
  const authors = starred("author", word);
  const categories = starred("category", word);
  if (authors === null || categories === null) return NOTHING;
  const papersOf = (query: Query) => (answer(query)?.papers ?? []).slice(0, LOOKED_AT);
  const start = analyze(word)[0]?.word ?? "";
  const begins = (name: string) => analyze(name).some((token) => token.word.startsWith(start));
  return {
    authors: first(papersOf(authors).flatMap(({ paper }) => paper.authors.filter(begins))),
    categories: first(
      papersOf(categories).flatMap(({ paper }) =>
        paper.categories.filter((name) => name.toLowerCase().startsWith(word.toLowerCase())),
      ),
    ),
  };
}

const first = (names: readonly string[]): Facet[] => mostFrequent(names).slice(0, SHOWN);

/** A query for names that begin so; null when there is none. */
function starred(field: "author" | "category", word: string): Query | null {
  if (!/^[\p{L}\p{N}.'-]{2,60}$/u.test(word)) return null;
  try {
    return parseQuery(`${field}:${word}*`);
  } catch (error) {
    if (error instanceof QuerySyntaxError) return null;
    throw error;
  }
}
