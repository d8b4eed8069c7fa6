import { type PaperDraft, parseQuery } from "@paperboy/core";
import { type Library, openLibrary, openStore, type SearchOrder, type Store } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import pg from "pg";
import { loadCorpus, madeUpWord, randomStream } from "./corpus.ts";
import { type BenchOptions, type BenchResult, percentile, progress, rounded } from "./frame.ts";
import { scratchDatabase } from "./scratch.ts";

const BATCH = 2_000;
const NOW = new Date("2026-11-24T06:00:00Z");
const DEEP_PAGES = 20;
/** Searches that are asked at the same time. */
const AT_ONCE = 8;

const QUERIES = [
  "mamba",
  "diffusion",
  '"linear attention"',
  'title:"linear attention" OR mamba -vision',
  "gate*",
  "quantum error correction",
  "graph neural network",
  '"large language model"',
  "category:cs.CV segmentation",
  "author:wang transformer",
  "robot OR drone OR vehicle",
  "reinforcement learning -game",
  "title:survey",
  "dark matter",
  "protein* (structure OR folding)",
  "federated privacy",
  "model",
  "upvotes>=45 learning",
  "abstract:benchmark title:benchmark",
  "speech recognition OR synthesis -translation",
];

/** Twenty queries over a large archive: as a service answers them, several at a time, and as Postgres alone does. */
export async function benchSearch({ papers, rounds = 5 }: BenchOptions): Promise<BenchResult> {
  const database = await scratchDatabase();
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  const sql = new pg.Pool({ connectionString: database.url, max: 1 });
  try {
    const seconds = await fill(store, papers);
    await sql.query("VACUUM (ANALYZE) papers");
    const { rows: sizes } = await sql.query(
      "SELECT pg_total_relation_size('papers') AS all_bytes, pg_relation_size('papers_terms_idx') AS index_bytes",
    );
    const rows = [];
    const library = openLibrary(store);
    await library.refresh();
    for (const query of QUERIES) rows.push(await measure(store, library, query, rounds));
    return {
      rows,
      notes: [
        `${papers} papers, ingested at ${Math.round(papers / seconds)} a second; with their indexes ${megabytes(sizes[0].all_bytes)} MB, the index on terms ${megabytes(sizes[0].index_bytes)} MB.`,
        `Milliseconds of ${rounds} rounds of ${AT_ONCE} searches at a time, as a service answers them, and of one search that Postgres answers alone; a page is 20 papers with their total; "deep" is page ${DEEP_PAGES}.`,
      ],
    };
  } finally {
    await sql.end();
    await store.close();
    await database.close();
  }
}

const megabytes = (bytes: string) => Math.round(Number(bytes) / 2 ** 20);

/** The corpus again and again, every seventh word another one, so that no two papers are the same. */
async function fill(store: Store, count: number): Promise<number> {
  const { papers } = loadCorpus(18_000);
  const random = randomStream(3);
  const altered = (text: string) =>
    text
      .split(/\s+/)
      .map((word) => (random() < 1 / 7 ? madeUpWord(Math.floor(random() * 30_000)) : word))
      .join(" ");
  let seconds = 0;
  for (let from = 0; from < count; from += BATCH) {
    progress(`${from} of ${count} papers`);
    const drafts = Array.from({ length: Math.min(BATCH, count - from) }, (_, place): PaperDraft => {
      const paper = papers[(from + place) % papers.length] ?? papers[0];
      if (paper === undefined) throw new Error("the corpus is empty");
      return {
        externalId: String(from + place),
        title: `${altered(paper.title)} ${from + place}`,
        abstract: altered(paper.abstract),
        authors: paper.authors,
        categories: paper.categories,
        upvotes: place % 50,
      };
    });
    const started = performance.now();
    await store.ingest({ name: "bench", kind: "file" }, drafts, NOW);
    seconds += (performance.now() - started) / 1000;
  }
  await store.papers.announce(NOW);
  return seconds;
}

async function measure(store: Store, library: Library, text: string, rounds: number) {
  const service = await timeService(library, text, rounds);
  const alone = await timePostgres(store, text, "relevance");
  const newest = await timePostgres(store, text, "newest");
  progress(text);
  return {
    query: text,
    matches: `${service.total}${service.isMore ? "+" : ""}`,
    [`${AT_ONCE} at a time p50`]: rounded(percentile(service.taken, 0.5)),
    [`${AT_ONCE} at a time p99`]: rounded(percentile(service.taken, 0.99)),
    "Postgres alone, best": alone.first,
    "best, deep": alone.deep,
    "Postgres alone, newest": newest.first,
    "newest, deep": newest.deep,
  };
}

/** The first page, ranked, as the pages and the API ask for it. */
async function timeService(library: Library, text: string, rounds: number) {
  const taken: number[] = [];
  let page = await library.search({ query: text, limit: 20 });
  for (let round = 0; round < rounds; round++) {
    const once = async () => {
      const started = performance.now();
      page = await library.search({ query: text, limit: 20 });
      taken.push(performance.now() - started);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, once));
  }
  return { taken, total: page.total, isMore: page.isMore };
}

async function timePostgres(store: Store, text: string, order: SearchOrder) {
  const query = parseQuery(text);
  const timed = async (before?: string) => {
    const started = performance.now();
    const page = await store.archive.search(query, {
      order,
      limit: 20,
      ...(before !== undefined && { before }),
    });
    return { page, milliseconds: rounded(performance.now() - started) };
  };
  await timed();
  const first = await timed();
  let last = first;
  let number = 1;
  for (; number < DEEP_PAGES && last.page.next !== null; number++) last = await timed(last.page.next);
  return { first: first.milliseconds, deep: number === DEEP_PAGES ? last.milliseconds : null };
}
