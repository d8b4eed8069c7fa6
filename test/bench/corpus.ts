import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Paper } from "@paperboy/core";

/** Real papers when they lie beside the project, made-up ones of the same shape otherwise. */
export interface Corpus {
  readonly real: boolean;
  readonly papers: readonly Paper[];
}

const RECORDED = fileURLToPath(
  new URL("../../../../../../shared/data/arxiv/corpus-18k.jsonl.gz", import.meta.url),
);

export function loadCorpus(count: number): Corpus {
  if (!existsSync(RECORDED)) return { real: false, papers: madeUpPapers(count) };
  const lines = gunzipSync(readFileSync(RECORDED)).toString().trimEnd().split("\n");
  return { real: true, papers: lines.slice(0, count).map((line, n) => recorded(JSON.parse(line), n + 1)) };
}

interface RecordedPaper {
  readonly title: string;
  readonly summary: string;
  readonly authors: readonly string[];
  readonly categories: readonly string[];
}

const recorded = ({ title, summary, authors, categories }: RecordedPaper, id: number): Paper =>
  paper(id, title, summary, authors, categories);

function paper(
  id: number,
  title: string,
  abstract: string,
  authors: readonly string[],
  categories: readonly string[],
): Paper {
  return {
    id,
    seq: id,
    title,
    abstract,
    authors,
    categories,
    keywords: [],
    sources: ["bench"],
    arxivId: null,
    version: null,
    doi: null,
    url: "",
    pdfUrl: null,
    codeUrl: null,
    projectUrl: null,
    upvotes: id % 50,
    stars: null,
    comments: null,
    publishedAt: null,
    announcedAt: null,
  };
}

/** A repeatable stream of numbers from 0 to 1 (mulberry32), so that every run asks and reads the same. */
export function randomStream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SYLLABLES = ["ba", "co", "di", "fu", "ga", "ke", "li", "mo", "nu", "pa", "re", "so", "ti", "vu", "za"];

/** A word of a vocabulary of 30,000, the `rank`th most frequent. */
export function madeUpWord(rank: number): string {
  let word = "";
  for (let rest = rank + 15; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word += SYLLABLES[rest % SYLLABLES.length];
  }
  return word;
}

/** Frequencies as in real texts: the word of rank r stands in proportion to 1 / r (Zipf). */
export const zipfRank = (random: () => number, ranks = 30_000): number => Math.floor(ranks ** random()) - 1;

function madeUpPapers(count: number): Paper[] {
  const random = randomStream(1);
  const text = (words: number) => Array.from({ length: words }, () => madeUpWord(zipfRank(random))).join(" ");
  return Array.from({ length: count }, (_, n) =>
    paper(n + 1, text(10), text(150 + Math.floor(random() * 100)), [text(2), text(2)], ["cs.CL"]),
  );
}
