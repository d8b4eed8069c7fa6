import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openStore } from "@paperboy/db";
import { ARXIV_POLICY, openPapersFile, readPapers } from "@paperboy/sources";
import { ingestRecords } from "@paperboy/worker";
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { loadCorpus } from "./corpus.ts";
import { type BenchOptions, type BenchResult, interleave, ratio, rounded } from "./frame.ts";
import { scratchDatabase, scratchDirectory } from "./scratch.ts";

const MOST = 18_000;

/**
 * A file of papers into an empty database, with identity, search terms and sightings; the same file again; and, as the
 * baseline, COPY of the very rows the first run made, into tables with the same columns and indexes, and without any.
 */
export async function benchIngest({ papers, rounds = 3 }: BenchOptions): Promise<BenchResult> {
  const count = Math.min(papers, MOST);
  const file = join(scratchDirectory(), "papers.jsonl");
  const corpus = loadCorpus(count);
  await pipeline(Readable.from(linesOf(corpus.papers)), createWriteStream(file));
  const database = await scratchDatabase();
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  const ingest = async () => {
    const records = readPapers("jsonl", openPapersFile(file), { now: NOW });
    return (await ingestRecords(store, { name: "bench", kind: "file" }, records, NOW)).read;
  };
  try {
    await ingest();
    const rows = { papers: await dump(sql, "papers"), sightings: await dump(sql, "sightings") };
    for (const table of ["papers", "sightings"]) {
      await sql.query(`CREATE TABLE same_${table} (LIKE ${table} INCLUDING ALL)`);
      await sql.query(`CREATE TABLE bare_${table} (LIKE ${table})`);
    }
    const copy = (prefix: string) => ({
      name: prefix === "same" ? "COPY, same indexes" : "COPY, no index",
      prepare: async () => void (await sql.query(`TRUNCATE ${prefix}_papers, ${prefix}_sightings`)),
      run: async () => {
        await load(sql, `${prefix}_papers`, rows.papers);
        await load(sql, `${prefix}_sightings`, rows.sightings);
        return count;
      },
    });
    const [same, bare, ours, again] = await interleave(
      [
        copy("same"),
        copy("bare"),
        {
          name: "ingest",
          prepare: async () => void (await sql.query("TRUNCATE papers, sources CASCADE")),
          run: ingest,
        },
        { name: "ingest again", run: ingest },
      ],
      rounds,
    );
    if (!same || !bare || !ours || !again) throw new Error("nothing was measured");
    return {
      rows: [same, bare, ours, again].map((each) => ({
        way: each.name,
        "papers/s": Math.round(each.unitsPerSecond),
        "of COPY, same indexes": ratio(each.unitsPerSecond, same.unitsPerSecond),
        "of COPY, no index": ratio(each.unitsPerSecond, bare.unitsPerSecond),
        "CPU µs/paper": Math.round(each.cpuMicrosecondsPerUnit),
        "RSS MB": rounded(each.rssMegabytes),
      })),
      notes: [
        `${count} ${corpus.real ? "real" : "made-up"} papers from a JSONL file; medians of ${rounds} rounds in turn.`,
        `The same file again runs ${rounded(again.unitsPerSecond / ours.unitsPerSecond)} times as fast, and changes nothing.`,
      ],
    };
  } finally {
    await sql.end();
    await store.close();
    await database.close();
  }
}

const NOW = new Date("2026-11-24T06:00:00Z");

function* linesOf(papers: ReturnType<typeof loadCorpus>["papers"]): Generator<string> {
  for (const { id, title, abstract, authors, categories, upvotes } of papers) {
    const arxivId = `26${String(1 + (id % 12)).padStart(2, "0")}.${String(id).padStart(5, "0")}`;
    yield `${JSON.stringify({ id: arxivId, title, abstract, authors, categories, upvotes })}\n`;
  }
}

async function dump(sql: pg.Client, table: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of sql.query(copyTo(`COPY ${table} TO STDOUT`))) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function load(sql: pg.Client, table: string, rows: Buffer): Promise<void> {
  await pipeline(Readable.from([rows]), sql.query(copyFrom(`COPY ${table} FROM STDIN`)));
}
