import { createPaperIndex, type PaperIndex } from "../../src/topic/paper-index.ts";
import { parseQuery } from "../../src/topic/parse.ts";
import { paperOf } from "./paper.ts";

export function indexOf(...papers: Parameters<typeof paperOf>[1][]): PaperIndex {
  const index = createPaperIndex();
  index.add(papers.map((given, at) => paperOf(at + 1, given)));
  return index;
}

export const ids = (index: PaperIndex, query: string) =>
  index.matchIds(parseQuery(query, { dates: true })).sort((a, b) => a - b);
