import type { AnsweringPaper, Paper } from "@paperboy/core";

/** How many of the papers a query found have what they can be narrowed to, most first. */
export interface Facets {
  readonly categories: readonly Facet[];
  readonly sources: readonly Facet[];
  readonly withCode: number;
}

export interface Facet {
  readonly name: string;
  readonly count: number;
}

/** Of more papers the newest are looked at. */
const LOOKED_AT = 10_000;
const SHOWN = 8;

export function facetsOf(papers: readonly AnsweringPaper[]): Facets {
  const newest = papers.slice(0, LOOKED_AT);
  let withCode = 0;
  for (const { paper } of newest) if (paper.codeUrl !== null) withCode++;
  return {
    categories: mostOf(newest, ({ categories }) => categories),
    sources: mostOf(newest, ({ sources }) => sources),
    withCode,
  };
}

function mostOf(papers: readonly AnsweringPaper[], names: (paper: Paper) => readonly string[]): Facet[] {
  return mostFrequent(papers.flatMap(({ paper }) => names(paper))).slice(0, SHOWN);
}

/** Each name once with how often it stands there, most frequent first, then by name. */
export function mostFrequent(names: readonly string[]): Facet[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Array.from(counts, ([name, count]) => ({ name, count })).sort(
    (a, b) => b.count - a.count || (a.name < b.name ? -1 : 1),
  );
}
