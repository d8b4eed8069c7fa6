import { analyze } from "../topic/analyze.ts";

/** How often each term stands in a text: the terms of the analyzer, or any other words by which texts are compared. */
export type TermBag = ReadonlyMap<string, number>;

/** What relevance reads of a paper. */
export interface RelevanceText {
  readonly title: string;
  readonly abstract: string;
}

/** The terms of a title and an abstract, by the analyzer that topics use. */
export function termBag({ title, abstract }: RelevanceText): TermBag {
  const bag = new Map<string, number>();
  for (const text of [title, abstract]) {
    for (const { term } of analyze(text)) bag.set(term, (bag.get(term) ?? 0) + 1);
  }
  return bag;
}
