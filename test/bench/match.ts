import { createPaperIndex, createQuerySet, type Paper, parseQuery } from "@paperboy/core";
import { openStore } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import { loadCorpus } from "./corpus.ts";
import {
  type BenchOptions,
  type BenchResult,
  interleave,
  type Measured,
  median,
  progress,
  type Row,
  ratio,
  rounded,
} from "./frame.ts";
import { type Test, tokenise, toTest } from "./plain-loop.ts";
import { scratchDatabase } from "./scratch.ts";
import { makeTopics } from "./topics.ts";

const PAPERS = 500;
/** Papers whose titles the topics are made of: readers ask for more than one day holds. */
const TITLES = 10_000;
/** Topics the plain loop is run on when there are more: it takes a minute for a million, and is linear. */
const LOOP_TOPICS = 100_000;
const POSTGRES_TOPICS = 300;

/** Matches papers against topics: compiled sets on bitmaps, beside a plain loop, beside Postgres. */
export async function benchMatch({ topics: sizes, rounds = 3 }: BenchOptions): Promise<BenchResult> {
  const { real, papers: corpus } = loadCorpus(Math.min(TITLES, PAPERS + 10 * Math.max(...sizes)));
  const papers = corpus.slice(0, PAPERS);
  const postgres = await measurePostgres(papers, corpus, Math.min(POSTGRES_TOPICS, ...sizes));
  const rows: Row[] = [];
  for (const size of sizes) rows.push(await matchRow(papers, corpus, size, rounds, postgres.secondsPerTopic));
  return {
    rows,
    notes: [
      `${PAPERS} ${real ? "real" : "made-up"} papers. "ours" is the whole of it: parsing, compiling the set, tokenising and indexing the papers, matching.`,
      "The loop evaluates every parsed topic on every tokenised paper; parsing and tokenising are not counted for it.",
      `Loop times marked ~ are those of ${LOOP_TOPICS.toLocaleString("en")} topics, multiplied. All pairs found are identical.`,
      `Postgres: one query per distinct topic on a GIN index, measured on ${postgres.topics} topics and multiplied; the pairs of those are identical.`,
    ],
  };
}

async function matchRow(
  papers: readonly Paper[],
  corpus: readonly Paper[],
  size: number,
  rounds: number,
  postgresSeconds: number,
): Promise<Row> {
  progress(`making ${size} topics`);
  const topics = makeTopics(corpus, size);
  const looped = topics.slice(0, LOOP_TOPICS);
  const found = { ours: emptyTally(), loop: emptyTally(), compile: [] as number[], match: [] as number[] };
  const ours = {
    name: "ours",
    run: () => {
      const started = performance.now();
      const set = createQuerySet();
      for (const topic of topics) set.add(parseQuery(topic));
      found.compile.push((performance.now() - started) / 1000);
      const index = createPaperIndex();
      index.add(papers);
      const matching = performance.now();
      found.ours = emptyTally();
      index.matchMany(set, (query, paperId) => note(found.ours, query, paperId, looped.length));
      found.match.push((performance.now() - matching) / 1000);
      return size;
    },
  };
  const tests: Test[] = [];
  const tokenised = papers.map(tokenise);
  const loop = {
    name: "plain loop",
    prepare: () => {
      if (tests.length === 0) for (const topic of looped) tests.push(toTest(parseQuery(topic)));
    },
    run: () => {
      found.loop = emptyTally();
      for (const paper of tokenised) {
        for (let number = 0; number < tests.length; number++) {
          if (tests[number]?.(paper)) note(found.loop, number, paper.id, looped.length);
        }
      }
      return looped.length;
    },
  };
  const [oursMeasured] = await interleave([ours], rounds);
  const [loopMeasured] = await interleave([loop], 1);
  requireSame(found.ours, found.loop, size);
  const share = size / looped.length;
  return toRow(size, oursMeasured as Measured, loopMeasured as Measured, share, found, postgresSeconds);
}

function toRow(
  size: number,
  ours: Measured,
  loop: Measured,
  share: number,
  found: { ours: Tally; compile: number[]; match: number[] },
  postgresSeconds: number,
): Row {
  const matching = median(found.match);
  const loopSeconds = loop.seconds * share;
  return {
    topics: size,
    pairs: found.ours.pairs,
    "compile s": rounded(median(found.compile)),
    "match s": rounded(matching),
    "ours s": rounded(ours.seconds),
    "loop s": `${share > 1 ? "~" : ""}${rounded(loopSeconds)}`,
    "loop / match": ratio(loopSeconds, matching),
    "loop / ours": ratio(loopSeconds, ours.seconds),
    "Postgres s": `~${rounded(postgresSeconds * size)}`,
    "Postgres / match": ratio(postgresSeconds * size, matching),
    "ns a topic": rounded((matching / size) * 1e9),
    "RSS MB": Math.round(ours.rssMegabytes),
  };
}

/** Every pair's trace, whatever the order they are found in. */
interface Tally {
  pairs: number;
  /** Of the topics that the loop asks too. */
  compared: number;
  checksum: number;
}

const emptyTally = (): Tally => ({ pairs: 0, compared: 0, checksum: 0 });

function note(tally: Tally, topic: number, paperId: number, compared: number): void {
  tally.pairs++;
  if (topic >= compared) return;
  tally.compared++;
  let mixed = Math.imul(topic + 1, 0x9e3779b1) ^ Math.imul(paperId, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  tally.checksum = (tally.checksum + (mixed >>> 0)) % 2 ** 48;
}

function requireSame(ours: Tally, loop: Tally, size: number): void {
  if (ours.compared === loop.compared && ours.checksum === loop.checksum) return;
  throw new Error(
    `${size} topics: we found ${ours.compared} pairs, the loop ${loop.compared}, or other ones`,
  );
}

/** Seconds Postgres takes for a topic; its pairs are compared with ours. */
async function measurePostgres(papers: readonly Paper[], corpus: readonly Paper[], topics: number) {
  const database = await scratchDatabase();
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  try {
    const now = new Date();
    const drafts = papers.map(({ id, title, abstract, authors, categories }) => ({
      externalId: String(id),
      title: `${title} (${id})`,
      abstract,
      authors,
      categories,
    }));
    await store.ingest({ name: "bench", kind: "file" }, drafts, now);
    await store.papers.announce(now);
    const index = createPaperIndex();
    index.add(await store.papers.announcedAfter(0, PAPERS));
    const queries = [...new Set(makeTopics(corpus, topics, 11))].map((topic) => parseQuery(topic));
    const seconds: number[] = [];
    for (const query of queries) {
      const started = performance.now();
      const { total } = await store.archive.search(query, { order: "newest", limit: PAPERS });
      seconds.push((performance.now() - started) / 1000);
      if (total !== index.count(query)) throw new Error("Postgres and the index find different papers");
    }
    return { secondsPerTopic: median(seconds), topics: queries.length };
  } finally {
    await store.close();
    await database.close();
  }
}
