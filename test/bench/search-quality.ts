import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { analyze, type Paper, type PaperDraft, QuerySyntaxError } from "@paperboy/core";
import { openLibrary, openStore, type Store } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import { loadCorpus, randomStream } from "./corpus.ts";
import { type BenchOptions, type BenchResult, progress, type Row, rounded } from "./frame.ts";
import { scratchDatabase } from "./scratch.ts";

const NOW = new Date("2026-11-24T06:00:00Z");
const BATCH = 2_000;
/** 85 papers in the order in which a search page for `gate` showed them. */
const GATE = fileURLToPath(new URL("../../../../../../shared/data/papers-gate.txt", import.meta.url));

/**
 * Whether a search brings what a person is after: papers they know, by three distinctive words of the title (among the first
 * three) and by the title as it is pasted (first), and `gate` in the order that another page gave it.
 */
export async function benchSearchQuality(options: BenchOptions): Promise<BenchResult> {
  const database = await scratchDatabase();
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  try {
    const order = existsSync(GATE) ? await measureOrder(store) : null;
    const { papers, real } = loadCorpus(Math.min(options.papers, 20_000));
    await fill(store, papers);
    const known = choose(papers, options.limit ?? 1_000, options.seed);
    const words = await measureKnown(store, known, distinctiveWords(papers), 3);
    const titles = await measureKnown(store, known, ({ title }) => title, 1);
    const rows: Row[] = [
      { measure: "three distinctive words bring their paper among the first three", ...words },
      { measure: "a pasted title brings its paper first", ...titles },
      ...(order === null ? [] : orderRows(order)),
    ];
    const figures = { words, titles, order, papers: papers.length, real };
    const notes = [`${papers.length} ${real ? "real" : "made-up"} papers, seed ${options.seed}.`];
    return { rows, figures, notes };
  } finally {
    await store.close();
    await database.close();
  }
}

interface Order {
  /** Kendall's tau with the order given. */
  readonly tau: number;
  /** How many of the first 20 of the order are among our first 20. */
  readonly first20: number;
  readonly found: number;
}

const orderRows = ({ tau, first20, found }: Order): Row[] => [
  { measure: "gate: Kendall's tau with the order given", reached: tau, of: 1 },
  { measure: "gate: of the first 20 of that order among ours", reached: first20, of: 20 },
  { measure: "gate: papers found", reached: found, of: 85 },
];

async function measureOrder(store: Store): Promise<Order> {
  const lines = readFileSync(GATE, "utf8").trim().split("\n");
  const drafts = lines.flatMap((title, at) =>
    at % 2 === 0 ? [draft(`gate-${at / 2}`, title, lines[at + 1] ?? "")] : [],
  );
  await store.ingest({ name: "gate", kind: "file" }, drafts, NOW);
  await store.papers.announce(NOW);
  const { papers } = await openLibrary(store).search({ query: "gate", limit: 85, explain: false });
  const places = new Map(drafts.map(({ title }, place) => [title, place]));
  const found = papers.map(({ paper }) => places.get(paper.title) ?? -1);
  return {
    tau: rounded(kendall(found)),
    first20: found.slice(0, 20).filter((place) => place < 20).length,
    found: found.length,
  };
}

/** Pairs in the right order less pairs in the wrong one, as a share of all pairs. */
function kendall(places: readonly number[]): number {
  let right = 0;
  let pairs = 0;
  for (const [at, place] of places.entries()) {
    for (const later of places.slice(at + 1)) {
      right += place < later ? 1 : -1;
      pairs++;
    }
  }
  return right / pairs;
}

const draft = (externalId: string, title: string, abstract: string): PaperDraft => ({
  externalId,
  title,
  abstract,
  authors: [],
});

async function fill(store: Store, papers: readonly Paper[]): Promise<void> {
  for (let from = 0; from < papers.length; from += BATCH) {
    progress(`${from} of ${papers.length} papers`);
    const drafts = papers.slice(from, from + BATCH).map(
      ({ id, title, abstract, authors, categories }): PaperDraft => ({
        ...draft(String(id), title, abstract),
        authors,
        categories,
      }),
    );
    await store.ingest({ name: "bench", kind: "file" }, drafts, NOW);
  }
  await store.papers.announce(NOW);
}

/** Papers whose titles stand once, spread over the corpus. */
function choose(papers: readonly Paper[], count: number, seed: number): Paper[] {
  const random = randomStream(seed);
  const times = new Map<string, number>();
  for (const { title } of papers) times.set(title, (times.get(title) ?? 0) + 1);
  const once = papers.filter(({ title }) => times.get(title) === 1);
  return once
    .map((paper) => ({ paper, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ paper }) => paper);
}

/** The three words of a title that fewest titles of the corpus have, as they are typed. */
function distinctiveWords(papers: readonly Paper[]): (paper: Paper) => string {
  const titles = new Map<string, number>();
  for (const { title } of papers) {
    for (const term of new Set(analyze(title).map((token) => token.term))) {
      titles.set(term, (titles.get(term) ?? 0) + 1);
    }
  }
  return ({ title }) => {
    const words = new Map(
      analyze(title)
        .filter(({ word }) => /^\p{L}{3,}$/u.test(word))
        .map((token) => [token.term, token]),
    );
    const rarest = [...words.values()].toSorted(
      (a, b) => (titles.get(a.term) ?? 0) - (titles.get(b.term) ?? 0),
    );
    return rarest
      .slice(0, 3)
      .map(({ word }) => word)
      .join(" ");
  };
}

async function measureKnown(
  store: Store,
  known: readonly Paper[],
  typed: (paper: Paper) => string,
  among: number,
): Promise<{ reached: number; of: number; share: number }> {
  const library = openLibrary(store);
  let reached = 0;
  for (const [at, paper] of known.entries()) {
    if (at % 50 === 0) progress(`${at} of ${known.length} known papers`);
    const found = await searchTyped(library, typed(paper), among);
    if (found.includes(paper.title)) reached++;
  }
  return { reached, of: known.length, share: rounded(reached / known.length, 4) };
}

/** As the search page does: what cannot be read as a query is looked for as it stands. */
async function searchTyped(
  library: ReturnType<typeof openLibrary>,
  text: string,
  limit: number,
): Promise<string[]> {
  try {
    const { papers } = await library.search({ query: text, limit, explain: false });
    return papers.map(({ paper }) => paper.title);
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    return typeof error.quoted === "string" ? searchTyped(library, error.quoted, limit) : [];
  }
}
