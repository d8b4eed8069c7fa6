import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { parseQuery } from "@paperboy/core";
import { openStore, type Store } from "@paperboy/db";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { ARXIV_POLICY, createFetcher } from "@paperboy/sources";
import { readNextSource } from "@paperboy/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let database: TestDatabase;
let store: Store;
let base: string;
let answer: RequestListener = (_req, res) => void res.end();
const server = createServer((req, res) => answer(req, res));
const now = new Date("2026-11-24T12:00:00Z");
const userAgent = "Paperboy/1.0 (+http://papers.test; mailto:ops@example.org)";
const limits = { totalMs: 1_000, bytes: 8 * 2 ** 20, packedBytes: 6 * 2 ** 20 };
/** Takes addresses of this machine, as tests must, and gives up soon. */
const fetcher = createFetcher({ userAgent, allowPrivate: true, limits });
/** The guard as it stands in the world; every name leads to this machine. */
const guarded = createFetcher({
  userAgent,
  allowPrivate: false,
  resolve: async () => [{ address: "127.0.0.1", family: 4 }],
});
const wait = async () => {};

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await fetcher.close();
  await guarded.close();
  server.closeAllConnections();
  server.close();
  await store.close();
  await database.close();
});

let names = 0;
/** Reads a new source of this kind once, with the answer that is set. */
async function read(kind: string, config: object = {}, by = fetcher) {
  const name = `source-${++names}`;
  const settings = { url: `${base}/${name}`, ...config };
  await store.sources.add({ name, kind, config: settings, everyMinutes: 60 }, now);
  const report = await readNextSource(store, { fetcher: by, wait }, () => now, { name });
  const view = (await store.sources.list(now)).find((source) => source.name === name);
  return { name, report, run: view?.runs[0], quarantined: await store.sources.quarantined(50, name) };
}

const sending =
  (body: string | Buffer, type = "application/xml", headers: Record<string, string> = {}): RequestListener =>
  (_req, res) =>
    void res.writeHead(200, { "content-type": type, ...headers }).end(body);
const rss = (items: string) => `<rss version="2.0"><channel><title>x</title>${items}</channel></rss>`;
const good = (n: number) =>
  `<item><title>Good ${n}</title><link>https://x.example/${n}</link><author>A. B.</author></item>`;

describe("an answer that is nothing", () => {
  it.each<[string, RequestListener, string]>([
    ["plain text", sending("hello", "text/plain"), "is not well-formed XML"],
    ["a sign-in page", sending("<!DOCTYPE html><html></html>"), "expected XML, found HTML"],
    ["a truncated feed", sending(rss(good(1)).slice(0, 60)), "is not well-formed XML"],
    [
      "a billion laughs",
      sending(
        `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>${rss("<item><title>&b;</title></item>")}`,
      ),
      "has a DOCTYPE or entity declarations",
    ],
    [
      "a gzip bomb",
      sending(gzipSync(Buffer.alloc(64 * 2 ** 20)), "application/xml", { "content-encoding": "gzip" }),
      "unpacks to more than",
    ],
    ["an endless body", (_req, res) => endless(res), "larger than 6 MB"],
    ["a slow drip", (_req, res) => drip(res), "took longer than 1 s"],
  ])("%s is recorded on the source with its reason", async (_name, handler, says) => {
    answer = handler;
    const { report, run } = await read("feed");
    expect(report).toMatchObject({ reason: expect.stringContaining(says), read: 0 });
    expect(["failed", "refused"]).toContain(report?.outcome);
    expect(run).toMatchObject({ outcome: report?.outcome, reason: report?.reason });
  });

  it("unless it only is in another charset than it says: that is recorded beside its papers", async () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>${rss("<item><title>Caf\u00e9</title></item>")}`;
    answer = sending(Buffer.from(text, "latin1"));
    const { report, run } = await read("feed");
    expect(report).toMatchObject({ outcome: "ok", read: 1, new: 1 });
    expect(run?.reason).toBe("read forgivingly: some bytes are not valid utf-8");
  });

  it.each([
    ["not JSON", "<p>busy</p>", "expected a JSON list of papers"],
    ["truncated JSON", '[{"paper": {"id"', "found damaged JSON"],
    ["another JSON", '{"error": "no"}', 'an object with "error"'],
    [
      "JSON in another charset",
      Buffer.from('[{"paper":{"id":"1","title":"Caf\u00e9"}}]', "latin1"),
      "not valid UTF-8",
    ],
  ])("%s from Hugging Face is a failure, with its reason", async (_name, body, says) => {
    answer = sending(body, "application/json");
    const { report } = await read("hf", { url: base });
    expect(report).toMatchObject({ outcome: "failed", reason: expect.stringContaining(says) });
  });

  it.each([
    ["http://169.254.169.254/latest/meta-data/", "169.254.169.254 is not a public address"],
    ["http://[::1]:8080/", "::1 is not a public address"],
    ["http://[::ffff:10.0.0.1]/", "is not a public address"],
    ["http://metadata.internal/", "is a name of this machine or its network"],
    ["http://feeds.example.org/", "feeds.example.org: 127.0.0.1 is not a public address"],
  ])("a source at %s is refused, in words, and nobody is asked", async (url, says) => {
    let asked = 0;
    answer = () => void asked++;
    const { report, run } = await read("feed", { url }, guarded);
    expect(report).toMatchObject({ outcome: "refused", reason: expect.stringContaining(says) });
    expect(run).toMatchObject({ outcome: "refused", reason: expect.stringContaining(says) });
    expect(asked).toBe(0);
  });
});

function endless(res: Parameters<RequestListener>[1]): void {
  res.writeHead(200, { "content-type": "application/xml" });
  const more = () => {
    while (!res.destroyed && res.write("x".repeat(65_536)));
    if (!res.destroyed) res.once("drain", more);
  };
  more();
}

function drip(res: Parameters<RequestListener>[1]): void {
  res.writeHead(200, { "content-type": "application/xml" });
  const timer = setInterval(() => res.write("<"), 20);
  res.on("close", () => clearInterval(timer));
}

describe("a record that is nothing", () => {
  it("in a feed is put aside with its reason, where a person finds it, and its neighbours go in", async () => {
    answer = sending(
      rss(
        good(10) +
          "<item><description>Nobody gave me a title.</description><link>https://x.example/untitled</link></item>" +
          "<item><title>  </title></item>" +
          '<item><title>0</title><guid isPermaLink="false">zero</guid></item>' +
          "<item><title>NUL \u0000 &#0; &#xD800; here</title><guid>nul</guid></item>" +
          "<item><title>&lt;script&gt;alert(1)&lt;/script&gt;</title><guid>script</guid></item>" +
          `<item><title>Long</title><guid>long</guid><description>${"word ".repeat(1_000_000)}</description></item>` +
          "<item><title>Far</title><guid>far</guid><pubDate>Mon, 23 Nov 2099 00:00:00 GMT</pubDate></item>" +
          "<item><title>When</title><guid>when</guid><pubDate>a fortnight ago</pubDate></item>" +
          good(11),
      ),
    );
    const { name, report, quarantined } = await read("feed");
    expect(report).toMatchObject({ outcome: "ok", read: 10, new: 8, refused: 2 });
    expect(quarantined.map(({ at, reason }) => `${at}: ${reason}`).sort()).toEqual([
      "entry 3: the title is missing or empty",
      "https://x.example/untitled: the title is missing or empty",
    ]);
    const again = await readNextSource(store, { fetcher, wait }, () => now, { name });
    expect(again).toMatchObject({ new: 0, unchanged: 8, refused: 2 });
    expect((await store.sources.quarantined(20, name)).map(({ times }) => times)).toEqual([2, 2]);
  });

  it("and text in the charset that only the server tells is read", async () => {
    const latin = Buffer.from(rss("<item><title>Caf\u00e9 gates</title><guid>latin</guid></item>"), "latin1");
    answer = sending(latin, "text/xml; charset=ISO-8859-1");
    const { report } = await read("feed");
    expect(report).toMatchObject({ outcome: "ok", new: 1 });
    await store.papers.announce(now);
    const { hits } = await store.archive.search(parseQuery('title:"café gates"'), {
      order: "newest",
      limit: 1,
    });
    expect(hits.map(({ paper }) => paper.title)).toEqual(["Café gates"]);
  });

  it("of Hugging Face is put aside with its id and its day", async () => {
    const entries = [
      { paper: { id: "2611.60001", title: "Whole" } },
      { paper: { id: "2611.60002" } },
      { paper: { title: "No id" } },
      7,
      { paper: { id: "2611.60003", title: "\u0000\ud800 Odd \ud83d", summary: "x\u0000y", authors: "?" } },
    ];
    answer = sending(JSON.stringify(entries), "application/json");
    const { quarantined, report } = await read("hf", { url: base });
    expect(report).toMatchObject({ outcome: "ok", new: 2 });
    expect(quarantined.map(({ at, reason }) => `${at}: ${reason}`)).toEqual(
      expect.arrayContaining([
        "2026-11-24 index 1 (2611.60002): the title is missing or empty",
        "2026-11-24 index 2: paper.id is missing",
        '2026-11-24 index 3: expected an object with "paper", found a number',
      ]),
    );
  });

  it.each([
    ["NUL", "\u0000"],
    ["a lone surrogate", "\ud83d"],
  ])("whose own name holds %s does not stop the run", async (name, character) => {
    const items = [
      { id: `bad${character}id` },
      {
        id: "good",
        title: `Good ${name} ${character}`,
        content_text: `text ${character}`,
        tags: [character, `t${character}`],
      },
    ];
    answer = sending(
      JSON.stringify({ version: "https://jsonfeed.org/version/1.1", items }),
      "application/feed+json",
    );
    const { report, quarantined } = await read("feed");
    expect(report).toMatchObject({ outcome: "ok", new: 1, refused: 1 });
    expect(quarantined).toMatchObject([{ at: "badid", reason: "the title is missing or empty" }]);
  });
});

it("a source that only comes second brings papers, too, and is not called late for it", async () => {
  answer = sending(rss(good(20) + good(21)));
  expect((await read("feed")).run).toMatchObject({ created: 2 });
  const second = await read("feed");
  expect(second.report).toMatchObject({ new: 0, updated: 2 });
  expect(second.run).toMatchObject({ created: 2 });
});
