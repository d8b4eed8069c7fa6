import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { judgeSource, lateNotes } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { apiAnswer, oaiAnswer, rssAnswer, type SimEntry } from "@paperboy/harness/arxiv/answers";
import type { SimPaper } from "@paperboy/harness/arxiv/papers";
import { openTestStore } from "@paperboy/harness/store";
import { createFetcher, mirrorOf } from "@paperboy/sources";
import { readNextSource, reconcileNext } from "@paperboy/worker";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

const DAY = "2026-11-17";
const MORNING = new Date("2026-11-17T09:00:00Z");
const paper = (n: number, submitted = "2026-11-16T15:00:00Z"): SimPaper => ({
  id: `2611.0${6000 + n}`,
  categories: ["cs.CL"],
  submittedAt: new Date(submitted),
  day: DAY,
  title: `Compared paper ${n}`,
  replacedOn: [],
});

/** What the three services answer; a number is a status. */
interface Script {
  rss: readonly SimEntry[] | number;
  identifiers: readonly SimPaper[] | number;
  records: readonly SimPaper[] | number;
  api: readonly { paper: SimPaper; version: number }[] | number;
  retryAfter?: string;
}

let script: Script;
let store: Store;
let sql: pg.Pool;
let base: string;
let now = MORNING;
const asked: string[] = [];
const server = createServer((req, res) => {
  const url = new URL(req.url ?? "", "http://arxiv.test");
  const verb = url.searchParams.get("verb");
  asked.push(verb ?? url.pathname);
  const told = url.pathname.startsWith("/rss/")
    ? script.rss
    : verb === null
      ? script.api
      : verb === "ListRecords"
        ? script.records
        : script.identifiers;
  if (typeof told === "number") {
    if (script.retryAfter !== undefined) res.setHeader("retry-after", script.retryAfter);
    return void res.writeHead(told).end();
  }
  res.setHeader("content-type", "application/xml");
  if (url.pathname.startsWith("/rss/"))
    return void res.end(rssAnswer("cs.CL", "Tue, 17 Nov 2026 00:00:00 -0500", told as SimEntry[]));
  if (verb !== null) {
    const records = (told as SimPaper[]).map((each) => ({ paper: each, datestamp: DAY }));
    return void res.end(oaiAnswer(verb, records, { token: null, cursor: 0, size: records.length }));
  }
  const found = told as { paper: SimPaper; version: number }[];
  const ids = url.searchParams.get("id_list")?.split(",");
  const mine = ids ? found.filter((each) => ids.includes(each.paper.id)) : found;
  res.end(apiAnswer(mine.length, 0, mine));
});
const fetcher = createFetcher({ userAgent: "Paperboy/1.0", allowPrivate: true, now: () => now });
const ports = () => ({ fetcher, wait: async () => {}, arxiv: mirrorOf(base) });
const reconcile = () => reconcileNext(store, ports(), () => now, { name: "arxiv" });
const read = () => readNextSource(store, ports(), () => now, { name: "arxiv" });
const as =
  (type: SimEntry["type"], version = 1) =>
  (each: SimPaper): SimEntry => ({ paper: each, version, type });
const listed = (each: SimPaper) => ({ paper: each, version: 1 });
const health = async () => {
  const [source] = await store.sources.health(now);
  return judgeSource({ ...(source as NonNullable<typeof source>), now }).categories[0];
};
const news = async () => {
  await store.papers.announce(now);
  const { rows } = await sql.query(
    "SELECT arxiv_id FROM papers WHERE mailable AND seq IS NOT NULL ORDER BY arxiv_id",
  );
  return rows.map((row) => row.arxiv_id);
};

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async () => {
    await fetcher.close();
    server.closeAllConnections();
    server.close();
    await opened.close();
  };
});
beforeEach(async () => {
  await sql.query("TRUNCATE sources, papers CASCADE");
  asked.length = 0;
  now = MORNING;
  script = { rss: [], identifiers: [], records: [], api: [] };
  const config = { query: "cs.CL", url: `${base}/rss/cs.CL` };
  await store.sources.add({ name: "arxiv", kind: "arxiv-rss", config, everyMinutes: 60 }, now);
});

describe("a gap", () => {
  it.each<[string, Partial<Script>]>([
    ["its feed of one category", { rss: [as("new")(paper(1))] }],
    ["the API", { api: [listed(paper(1))] }],
    ["OAI-PMH's ids and the API's papers", { identifiers: [paper(1)], api: [listed(paper(1))] }],
    ["OAI-PMH alone", { identifiers: [paper(1)], records: [paper(1)], api: 500 }],
  ])("is filled from %s", async (_name, told) => {
    script = { ...script, ...told };
    expect(await reconcile()).toMatchObject({ filled: 1, missing: [] });
    expect(await news()).toEqual([paper(1).id]);
    expect(await reconcile()).toMatchObject({ filled: 0, missing: [] });
  });

  it("that nobody fills is shown with its id until somebody does, and readers are told", async () => {
    script = { ...script, identifiers: [paper(1), paper(2)], records: [paper(1)] };
    expect(await reconcile()).toMatchObject({ filled: 1, missing: [paper(2).id] });
    expect(await health()).toMatchObject({ state: "missing", missing: [paper(2).id], late: true });
    const notes = lateNotes(
      await store.sources.health(now),
      now,
    )({ trending: false, topics: [{ query: "x" }] });
    expect(notes).toEqual([
      "arXiv (cs.CL) announced papers that could not be fetched yet; they will come once they can.",
    ]);
    now = new Date("2026-11-18T09:00:00Z");
    expect((await health())?.missing).toEqual([paper(2).id]);
    script = { ...script, api: [listed(paper(2))] };
    expect(await reconcile()).toMatchObject({ filled: 1, missing: [] });
    expect((await health())?.missing).toEqual([]);
    expect(await news()).toEqual([paper(1).id, paper(2).id]);
  });

  it("is no paper that was only changed, was withdrawn, or was announced before the source was added", async () => {
    const old = paper(3, "2026-10-01T12:00:00Z");
    const before = paper(4, "2026-11-12T12:00:00Z");
    script = {
      ...script,
      identifiers: [old, before, { ...paper(5), id: "2603.00001" }],
      records: [old, before],
    };
    expect(await reconcile()).toMatchObject({ filled: 0, missing: [] });
    expect(await news()).toEqual([]);
    asked.length = 0;
    await reconcile();
    expect(asked).not.toContain("ListRecords");
  });

  it("left by a version 2 that came before version 1 is filled, and its paper gets a new place in the order", async () => {
    script = { ...script, rss: [as("replace", 2)(paper(1)), as("new")(paper(2))] };
    await read();
    expect(await news()).toEqual([paper(2).id]);
    script = { ...script, api: [{ paper: paper(1), version: 2 }] };
    expect(await reconcile()).toMatchObject({ filled: 1 });
    expect(await news()).toEqual([paper(1).id, paper(2).id]);
    const { rows } = await sql.query("SELECT arxiv_id FROM papers ORDER BY seq DESC LIMIT 1");
    expect(rows).toEqual([{ arxiv_id: paper(1).id }]);
  });

  it("is closed by what another source brought, and nothing comes twice", async () => {
    await store.ingest(
      { name: "hf", kind: "hf" },
      [
        {
          externalId: paper(1).id,
          arxivId: paper(1).id,
          title: "Compared paper 1",
          abstract: "",
          authors: [],
        },
      ],
      now,
    );
    script = { ...script, identifiers: [paper(1)], api: [listed(paper(1))] };
    expect(await reconcile()).toMatchObject({ gaps: 0, missing: [] });
  });
});

describe("days of an outage", () => {
  it("are compared at once when it is over, up to thirty", async () => {
    now = new Date("2026-12-10T12:00:00Z");
    const papers = [paper(1), paper(2, "2026-11-30T12:00:00Z"), paper(3, "2026-12-08T12:00:00Z")];
    script = { ...script, api: papers.map(listed) };
    expect(await reconcile()).toMatchObject({ from: DAY, to: "2026-12-10", filled: 3 });
    expect(await news()).toEqual(papers.map(({ id }) => id));
  });
});

describe("arXiv that asks for a pause", () => {
  it.each([
    ["seconds", "7200", "2026-11-17T11:00:00.000Z"],
    ["a date", "Tue, 17 Nov 2026 12:30:00 GMT", "2026-11-17T12:30:00.000Z"],
  ])("by %s is asked nothing more, and again when it is over", async (_name, retryAfter, until) => {
    script = { ...script, rss: 429, retryAfter, api: [listed(paper(1))] };
    expect(await reconcile()).toMatchObject({ filled: 0, complete: false });
    expect(asked).toEqual(["/rss/cs.CL"]);
    const { rows } = await sql.query("SELECT reconcile_at FROM sources");
    expect(rows[0].reconcile_at.toISOString()).toBe(until);
    expect((await health())?.faults.join()).toContain("429");
    now = new Date(until);
    script = { ...script, rss: [] };
    delete script.retryAfter;
    expect(await reconcile()).toMatchObject({ filled: 1, complete: true });
  });
});
