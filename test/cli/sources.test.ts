import { rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { makeDataDirectory, runCommand } from "@paperboy/harness/paperboy";
import { afterAll, beforeAll, expect, it } from "vitest";

let database: TestDatabase;
let base: string;
const directory = makeDataDirectory();
const agents = new Set<string | undefined>();
const asked: string[] = [];

const ENTRY = `<entry><id>http://arxiv.org/abs/2611.00009v1</id><title>Of the API</title><summary>s</summary><published>${new Date().toISOString()}</published></entry>`;
const FEED = `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><opensearch:totalResults>1</opensearch:totalResults>${ENTRY}</feed>`;
const RSS = `<rss version="2.0"><channel><title>Lab</title><item><title>Of the lab</title><link>https://lab.example.org/1</link></item><item><link>https://lab.example.org/untitled</link></item></channel></rss>`;
const DAILY = JSON.stringify([{ paper: { id: "2611.00008", title: "Of the day", upvotes: 3 } }]);

const server = createServer((req, res) => {
  agents.add(req.headers["user-agent"]);
  asked.push(req.url ?? "");
  const [type, body] = req.url?.startsWith("/api/daily_papers")
    ? ["application/json", DAILY]
    : ["application/xml", req.url?.startsWith("/api/query") ? FEED : RSS];
  res.writeHead(200, { "content-type": type }).end(body);
});

beforeAll(async () => {
  database = await createTestDatabase();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await database.close();
  rmSync(directory, { recursive: true });
});

async function run(args: string[], env: Record<string, string> = { PAPERBOY_ALLOW_PRIVATE_SOURCES: "1" }) {
  const ended = await runCommand([...args, "--json"], {
    DATABASE_URL: database.url,
    PAPERBOY_DATA_DIR: directory,
    MAIL_FROM: "Paperboy <ops@example.org>",
    ...env,
  });
  return { ...ended, value: ended.stdout === "" ? null : JSON.parse(ended.stdout) };
}

it("a source is added when it makes sense, and tried without taking anything in", async () => {
  expect((await run(["source", "add", "lab", "--kind", "feed"])).stderr).toContain("url is missing");
  expect(
    (await run(["source", "add", "lab", "--kind", "feed", "--url", `${base}/lab`, "--every", "1"])).code,
  ).toBe(2);
  const added = await run([
    "source",
    "add",
    "lab",
    "--kind",
    "feed",
    "--url",
    `${base}/lab`,
    "--every",
    "120",
  ]);
  expect(added.value).toMatchObject({ name: "lab", kind: "feed", everyMinutes: 120 });
  expect((await run(["source", "test", "lab"])).value).toMatchObject({
    ...{ outcome: "ok", read: 2, refused: 1, titles: ["Of the lab"] },
  });
  expect((await run(["status"])).value).toMatchObject({
    papers: 0,
    sources: [{ name: "lab", health: { state: "new" } }],
  });
});

it("a source is read, listed and removed; what it could not give is kept with its reason", async () => {
  const read = await run(["source", "run", "lab"]);
  expect(read.value).toMatchObject({ read: 2, new: 1, refused: 1 });
  expect(read.code).toBe(2);
  expect((await run(["source", "quarantine", "lab"])).value.records).toMatchObject([
    {
      source: "lab",
      at: "https://lab.example.org/untitled",
      reason: "the title is missing or empty",
      times: 1,
    },
  ]);
  expect((await run(["source", "list"])).value.sources).toMatchObject([
    { name: "lab", papers: 1, quarantined: 1, health: { state: "ok", says: "1 new" } },
  ]);
  expect((await run(["source", "remove", "lab"])).value).toEqual({ removed: "lab" });
  expect((await run(["source", "run", "lab"])).stderr).toContain("'lab' has no settings to be read by");
  expect([...agents]).toEqual([
    expect.stringMatching(/^Paperboy\/1\.0 \(\+http.*; mailto:ops@example\.org\)$/),
  ]);
});

it("readings by hand: a day, a week, a search, a feed", async () => {
  expect((await run(["ingest", "hf", "--date", "2026-04-01", "--url", base])).value).toMatchObject({
    new: 1,
  });
  expect(asked.at(-1)).toBe("/api/daily_papers?date=2026-04-01&limit=100&p=0");
  expect((await run(["ingest", "hf", "--week", "2026-W14", "--url", base])).value).toMatchObject({
    read: 1,
    new: 0,
  });
  expect(asked.at(-1)).toBe("/api/daily_papers?week=2026-W14&limit=100&p=0");
  const search = await run(["ingest", "arxiv", "cs.CL", "--days", "3", "--url", `${base}/api/query`]);
  expect(search.value).toMatchObject({ new: 1 });
  expect(asked.at(-1)).toContain("search_query=cat%3Acs.CL");
  expect((await run(["ingest", "rss", `${base}/lab`])).value).toMatchObject({ read: 2, new: 0, refused: 1 });
});

it("an address of this machine is refused unless it is allowed, and the reason is kept", async () => {
  const refused = await run(["ingest", "rss", `${base}/lab`], {});
  expect(refused.code).toBe(1);
  expect(refused.value.outcomes).toEqual([
    { source: "127.0.0.1", outcome: "refused", reason: "127.0.0.1 is not a public address (loopback)" },
  ]);
});
