import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { PaperDraft } from "@paperboy/core";
import { openStore } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import { SECRET_KEYS } from "../harness/secret.ts";
import { loadCorpus, randomStream } from "./corpus.ts";
import type { BenchOptions, BenchResult } from "./frame.ts";
import { percentile, progress, rounded } from "./frame.ts";
import { freePort, scratchDatabase, scratchDirectory } from "./scratch.ts";

const PAPERBOY = fileURLToPath(new URL("../../../../../apps/cli/bin/paperboy.mjs", import.meta.url));
const NOW = new Date("2026-11-24T06:00:00Z");
const CLIENTS = 50;
const WORST = 20;

/**
 * Looks for the queries that hold a service longest, by trying variations of the worst so far, and then asks how it is while
 * fifty clients send them: by search page, API, preview and feed.
 */
export async function benchHostileQueries({ papers, seconds, seed }: BenchOptions): Promise<BenchResult> {
  const database = await scratchDatabase();
  const words = await fill(database.url, papers);
  const service = await startService(database.url);
  try {
    const quiet = await measureHealth(service.url, Math.min(5, seconds));
    const worst = await findWorst(service.url, words, seconds, seed);
    const stop = sendAll(
      service.url,
      worst.map(({ query }) => query),
    );
    const held = await measureHealth(service.url, seconds);
    const answers = await stop();
    return {
      rows: [
        { healthz: "quiet", ...quiet, requests: 0, statuses: "" },
        { healthz: `${CLIENTS} clients`, ...held, requests: answers.total, statuses: answers.statuses },
      ],
      notes: [
        `${papers} papers; seed ${seed}; ${seconds} seconds of search, ${seconds} of load. Milliseconds until /healthz answers.`,
        ...worst
          .slice(0, 3)
          .map(({ query, ms }) => `${rounded(ms)} ms, ${query.length} characters: ${query.slice(0, 160)}`),
      ],
    };
  } finally {
    service.child.kill("SIGTERM");
    await new Promise((resolve) => service.child.once("exit", resolve));
    await database.close();
  }
}

/** Puts papers into the archive; gives words that stand in them, the frequent ones more often. */
async function fill(url: string, count: number): Promise<string[]> {
  const { papers } = loadCorpus(Math.min(count, 18_000));
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url });
  const drafts = Array.from({ length: count }, (_, n): PaperDraft => {
    const { title = "", abstract = "", authors = [], categories = [] } = papers[n % papers.length] ?? {};
    return { externalId: String(n), title: `${title} ${n}`, abstract, authors, categories, upvotes: n % 50 };
  });
  for (let at = 0; at < drafts.length; at += 2_000) {
    progress(`${at} of ${count} papers`);
    await store.ingest({ name: "bench", kind: "file" }, drafts.slice(at, at + 2_000), NOW);
  }
  await store.papers.announce(NOW);
  await store.close();
  return papers.slice(0, 300).flatMap(({ abstract }) => abstract.toLowerCase().match(/[a-z]{2,}/g) ?? []);
}

interface Service {
  readonly url: string;
  readonly child: ChildProcess;
}

async function startService(databaseUrl: string): Promise<Service> {
  const [port, inboxPort] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    INBOX_SMTP_PORT: String(inboxPort),
    PAPERBOY_DATA_DIR: scratchDirectory(),
    SECRET_KEYS,
  };
  const child = spawn(process.execPath, [PAPERBOY, "start"], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) if (/ is ready /.test(line)) break;
  child.stdout.resume();
  return { url: `http://127.0.0.1:${port}`, child };
}

/** Everything that evaluates a query of a stranger. */
const WAYS: readonly ((url: string, query: string) => Promise<Response>)[] = [
  (url, query) => fetch(`${url}/search?q=${encodeURIComponent(query)}`, { headers: { accept: "text/html" } }),
  (url, query) => fetch(`${url}/api/v1/papers/search?limit=100&q=${encodeURIComponent(query)}`),
  (url, query) => fetch(`${url}/preview?q=${encodeURIComponent(query)}`),
  (url, query) => fetch(`${url}/feeds/search.xml?q=${encodeURIComponent(query)}`),
];

interface Tried {
  readonly query: string;
  readonly ms: number;
}

/** Climbs from random queries to worse ones: each try varies one of the worst so far. */
async function findWorst(
  url: string,
  words: readonly string[],
  seconds: number,
  seed: number,
): Promise<Tried[]> {
  const random = randomStream(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  let worst: Tried[] = [];
  const end = performance.now() + seconds * 1000;
  for (let tries = 0; performance.now() < end; tries++) {
    const before = tries < 2 * WORST || random() < 0.2 ? "" : (pick(worst)?.query ?? "");
    const query = vary(before, () => partOf(words, random, pick), random);
    const way = pick(WAYS);
    const started = performance.now();
    await (await way(url, query)).arrayBuffer();
    const ms = performance.now() - started;
    worst = [...worst, { query, ms }].sort((a, b) => b.ms - a.ms).slice(0, WORST);
    if (tries % 50 === 0)
      progress(`${tries} queries tried; the worst takes ${Math.round(worst[0]?.ms ?? 0)} ms`);
  }
  return worst;
}

function partOf(
  words: readonly string[],
  random: () => number,
  pick: <Item>(items: readonly Item[]) => Item,
): string {
  const word = pick(words);
  const field = random() < 0.3 ? pick(["title:", "abstract:", "author:", "keyword:"]) : "";
  const kind = random();
  if (kind < 0.4) return `${field}${word.slice(0, 2 + Math.floor(random() * 3))}*`;
  if (kind < 0.6) return `${field}"${word} ${pick(words)}"`;
  if (kind < 0.7) return `${field}"${word} ${pick(words).slice(0, 2)}*"`;
  if (kind < 0.8) return `-${field}${word}`;
  return `${field}${word}`;
}

/** Up to 64 parts, within the length a query may have. */
function vary(query: string, part: () => string, random: () => number): string {
  const parts = query === "" ? [] : query.split(" OR ");
  const changes = 1 + Math.floor(random() * (query === "" ? 60 : 8));
  for (let n = 0; n < changes; n++) {
    if (parts.length > 0 && random() < 0.3) parts.splice(Math.floor(random() * parts.length), 1);
    else parts.push(random() < 0.8 ? part() : `${part()} ${part()}`);
  }
  while (parts.length > 1 && (parts.length > 60 || parts.join(" OR ").length > 990)) parts.pop();
  return parts.join(" OR ");
}

/** Fifty clients, each with one request under way all the time, until the function it gives is called. */
function sendAll(url: string, queries: readonly string[]) {
  const statuses = new Map<number, number>();
  let sending = true;
  const client = async (number: number): Promise<void> => {
    for (let n = number; sending; n++) {
      const way = WAYS[n % WAYS.length] ?? WAYS[0];
      const answer = await way?.(url, queries[n % queries.length] ?? "a");
      await answer?.arrayBuffer();
      if (answer) statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(number));
  return async () => {
    sending = false;
    await Promise.all(clients);
    const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    return { total, statuses: [...statuses].map(([status, count]) => `${status}: ${count}`).join(", ") };
  };
}

/** Milliseconds until `/healthz` answers, over some seconds. */
async function measureHealth(url: string, seconds: number) {
  const worker = new Worker(new URL("./hostile-health.js", import.meta.url), {
    workerData: { url, seconds },
  });
  const [taken] = (await once(worker, "message")) as [number[]];
  return {
    p50: rounded(percentile(taken, 0.5)),
    p99: rounded(percentile(taken, 0.99)),
    most: rounded(Math.max(...taken)),
  };
}
