import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { judgeHealth, parseQuery } from "@paperboy/core";
import { openStore, type Store } from "@paperboy/db";
import { ARXIV_POLICY, createFetcher } from "@paperboy/sources";
import { plan, readNextSource, runUntilDone } from "@paperboy/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, linkIn, startService, type TestService } from "../harness/service.ts";

let service: TestService;
let store: Store;
let base: string;
let answer: (req: IncomingMessage, res: ServerResponse) => void;
const asked: string[] = [];
const server = createServer((req, res) => {
  asked.push(req.url ?? "");
  answer(req, res);
});
const fetcher = createFetcher({
  userAgent: "Paperboy/1.0 (+http://papers.test; mailto:ops@example.org)",
  allowPrivate: true,
});
const waits: number[] = [];
const ports = { fetcher, wait: async (ms: number) => void waits.push(ms) };
let now = new Date("2026-11-23T12:00:00Z");
const read = (name: string) => readNextSource(store, ports, () => now, { name });

beforeAll(async () => {
  service = await startService({}, now);
  store = openStore({ arxivPolicy: ARXIV_POLICY, url: service.databaseUrl });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await fetcher.close();
  server.closeAllConnections();
  server.close();
  await store.close();
  await service.close();
});

const xml = (res: ServerResponse, text: string) => res.setHeader("content-type", "application/xml").end(text);
const rss = (...items: string[]) =>
  `<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom"><channel><title>cs.CL</title>${items.join("")}</channel></rss>`;
const item = (id: string, version: number, title: string, type = "new") =>
  `<item><title>${title}</title><link>https://arxiv.org/abs/${id}</link><description>arXiv:${id}v${version} Announce Type: ${type} \nAbstract: About sourcequarks.</description><guid isPermaLink="false">oai:arXiv.org:${id}v${version}</guid><arxiv:announce_type>${type}</arxiv:announce_type></item>`;
const add = (name: string, kind: string, config: object) =>
  store.sources.add({ name, kind, config: { ...config }, everyMinutes: 60 }, now);

describe("Hugging Face", () => {
  it("is read day by day, in pages, and its upvotes grow", async () => {
    const paper = (n: number, upvotes: number) => ({
      paper: {
        id: `2611.0${1000 + n}`,
        title: `Daily ${n}`,
        summary: "s",
        upvotes,
        submittedOnDailyAt: "2026-11-20T02:00:00.000Z",
        authors: [{ name: "A", hidden: true }, { name: "B" }],
      },
      numComments: 1,
    });
    let upvotes = 5;
    answer = (req, res) => {
      const url = new URL(req.url ?? "", base);
      const page = Number(url.searchParams.get("p"));
      const day = url.searchParams.get("date");
      const all = day === "2026-11-20" ? Array.from({ length: 130 }, (_, n) => paper(n, upvotes)) : [];
      res
        .setHeader("content-type", "application/json; charset=utf-8")
        .end(JSON.stringify(all.slice(page * 100, page * 100 + 100)));
    };
    await add("hf", "hf", { url: base });
    expect(await read("hf")).toMatchObject({ outcome: "ok", read: 130, new: 130 });
    expect(asked).toContain("/api/daily_papers?date=2026-11-20&limit=100&p=1");
    upvotes = 9;
    now = new Date("2026-11-24T12:00:00Z");
    expect(await read("hf")).toMatchObject({ read: 130, new: 0, updated: 130 });
    await store.papers.announce(now);
    const trending = async (date: string) =>
      (await service.worker.library.trending({ date, limit: 1 }, now)).papers[0];
    expect(await trending("2026-11-24")).toMatchObject({ reason: "▲ 9, 4 since yesterday" });
    expect(await trending("2026-11-23")).toMatchObject({ reason: "▲ 5", paper: { upvotes: 5, comments: 1 } });
    const span = { since: new Date("2026-11-19"), until: now, limit: 1 };
    const { byDay } = await store.archive.preview(parseQuery("daily"), span);
    expect([...byDay]).toEqual([["2026-11-20", 130]]);
  });
});

describe("Hugging Face and the arXiv API", () => {
  it("are asked for what has changed only", async () => {
    const tags: (string | undefined)[] = [];
    let upvotes = 1;
    answer = (req, res) => {
      const day = new URL(req.url ?? "", base).searchParams.get("date");
      const etag = `"${day}-${day === "2026-11-24" ? upvotes : 0}"`;
      tags.push(req.headers["if-none-match"]);
      if (req.headers["if-none-match"] === etag) return void res.writeHead(304).end();
      const papers = [
        { paper: { id: `2611.7${day?.slice(5, 7)}${day?.slice(8)}`, title: `Of ${day}`, upvotes } },
      ];
      res.setHeader("etag", etag).setHeader("content-type", "application/json").end(JSON.stringify(papers));
    };
    await add("tagged", "hf", { url: base });
    expect(await read("tagged")).toMatchObject({ outcome: "ok", read: 8 });
    expect(new Set(tags)).toEqual(new Set([undefined]));
    tags.length = 0;
    upvotes = 2;
    expect(await read("tagged")).toMatchObject({ outcome: "ok", read: 1, updated: 1 });
    expect(tags).toEqual(['"2026-11-21-0"', '"2026-11-22-0"', '"2026-11-23-0"', '"2026-11-24-1"']);
    expect(await read("tagged")).toMatchObject({ outcome: "unchanged", read: 0 });
  });
});

describe("the arXiv API", () => {
  const entry = (n: number, published: string) =>
    `<entry><id>http://arxiv.org/abs/2611.2${1000 + n}v1</id><title>Api ${n}</title><summary>s</summary><published>${published}</published></entry>`;
  const feed = (total: number, entries: string) =>
    `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><opensearch:totalResults>${total}</opensearch:totalResults>${entries}</feed>`;

  it("is read in slices three seconds apart, empty pages again, until what is old", async () => {
    let empties = 1;
    waits.length = 0;
    answer = (req, res) => {
      const start = Number(new URL(req.url ?? "", base).searchParams.get("start"));
      if (start === 200 && empties-- > 0) return xml(res, feed(5_000, ""));
      const entries = Array.from({ length: 200 }, (_, n) =>
        entry(start + n, start + n < 250 ? "2026-11-22T00:00:00Z" : "2026-01-01T00:00:00Z"),
      );
      xml(res, feed(5_000, entries.join("")));
    };
    await add("api", "arxiv-api", { url: `${base}/api/query`, query: "cat:cs.CL" });
    expect(await read("api")).toMatchObject({ outcome: "ok", read: 250, new: 250 });
    expect(waits).toEqual([3_000, 3_000]);
    expect(asked.at(-1)).toContain("search_query=cat%3Acs.CL&sortBy=submittedDate");
  });

  it("is asked for what has changed only", async () => {
    answer = (req, res) => {
      if (req.headers["if-none-match"] === '"newest"') return void res.writeHead(304).end();
      res.setHeader("etag", '"newest"');
      xml(res, feed(1, entry(9_000, "2026-11-22T00:00:00Z")));
    };
    await add("api-tagged", "arxiv-api", { url: `${base}/api/query`, query: "cat:cs.CL" });
    expect(await read("api-tagged")).toMatchObject({ outcome: "ok", read: 1 });
    expect(await read("api-tagged")).toMatchObject({ outcome: "unchanged", read: 0 });
  });

  it("explains its 400, and fails with that", async () => {
    answer = (_req, res) => {
      res.statusCode = 400;
      xml(
        res,
        feed(
          1,
          "<entry><id>http://arxiv.org/api/errors#x</id><title>Error</title><summary>max_results too big</summary></entry>",
        ),
      );
    };
    expect(await read("api")).toMatchObject({
      outcome: "failed",
      reason: "arXiv answers: max_results too big",
    });
  });

  it("is asked again later when it fails, ever more rarely", async () => {
    answer = (_req, res) => {
      res.statusCode = 500;
      res.end();
    };
    const gaps = [];
    for (let n = 0; n < 4; n++) {
      await read("api");
      const source = (await store.sources.list(now)).find(({ name }) => name === "api");
      gaps.push(((source?.nextRunAt?.getTime() ?? 0) - now.getTime()) / 60_000);
    }
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(gaps.at(-1)).toBeGreaterThan(gaps[0] as number);
  });
});

it("a named source that only rests is waited for", async () => {
  const { claim, ...sources } = store.sources;
  let asked = 0;
  const resting = {
    ...store,
    sources: {
      ...sources,
      claim: (of: Parameters<typeof claim>[0]) =>
        asked++ < 2 ? Promise.resolve({ restMs: 1_200 }) : claim(of),
    },
  };
  waits.length = 0;
  answer = (_req, res) => xml(res, rss());
  await add("rests", "feed", { url: `${base}/rests` });
  expect(await readNextSource(resting, ports, () => now, { name: "rests" })).toMatchObject({ outcome: "ok" });
  expect(waits).toEqual([1_201, 1_201]);
});

describe("arXiv's OAI-PMH", () => {
  const record = (id: string, created: string) =>
    `<record><header><identifier>oai:arXiv.org:${id}</identifier></header><metadata><arXiv><id>${id}</id><created>${created}</created><title>Harvest ${id}</title><abstract>About harvestquarks.</abstract></arXiv></metadata></record>`;
  const list = (records: string, token: string) =>
    `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>${records}<resumptionToken>${token}</resumptionToken></ListRecords></OAI-PMH>`;

  it("resumes where it was interrupted, and does not mail old papers that changed", async () => {
    let broken = true;
    answer = (req, res) => {
      const token = new URL(req.url ?? "", base).searchParams.get("resumptionToken");
      if (token === null) return xml(res, list(record("2611.30001", "2026-11-22"), "t1"));
      if (broken) return xml(res, `<OAI-PMH><error code="badArgument">later</error></OAI-PMH>`);
      xml(res, list(record("1601.00001", "2016-01-01"), ""));
    };
    await add("oai", "arxiv-oai", { url: `${base}/oai`, set: "cs" });
    expect(await read("oai")).toMatchObject({ outcome: "failed", new: 1 });
    broken = false;
    expect(await read("oai")).toMatchObject({ outcome: "ok", read: 1, new: 1 });
    expect(asked.at(-1)).toContain("resumptionToken=t1");
    await store.papers.announce(now);
    await service.worker.library.refresh();
    const news = service.worker.library.matchesAbove("harvestquarks", 0);
    expect(news).toHaveLength(1);
  });
});

describe("a feed", () => {
  it("is not read again while it has not changed; a broken record costs nobody", async () => {
    answer = (req, res) => {
      if (req.headers["if-none-match"] === '"a"') {
        res.statusCode = 304;
        return void res.end();
      }
      res.setHeader("etag", '"a"');
      xml(res, rss("<item><description>no title</description></item>", item("2611.40001", 1, "Feed one")));
    };
    await add("lab", "feed", { url: `${base}/feed` });
    expect(await read("lab")).toMatchObject({ read: 2, new: 1, refused: 1 });
    expect(await read("lab")).toMatchObject({ outcome: "unchanged", read: 0 });
    expect(await store.sources.quarantined(10, "lab")).toMatchObject([
      { reason: "the title is missing or empty", times: 1 },
    ]);
  });

  it("says when it wants to be asked again", async () => {
    answer = (_req, res) => {
      res.statusCode = 503;
      res.setHeader("retry-after", "7200").end();
    };
    expect(await read("lab")).toMatchObject({ outcome: "busy" });
    const source = (await store.sources.list(now)).find(({ name }) => name === "lab");
    expect(source?.nextRunAt?.getTime()).toBeGreaterThan(now.getTime() + 3_600_000);
  });

  it("that is not well-formed is read, and that is said until it is read without it", async () => {
    let text = rss(item("2611.42001", 1, "Q&A on forgiven ice"));
    answer = (_req, res) => xml(res, text);
    await add("sloppy", "feed", { url: `${base}/sloppy` });
    const reason = expect.stringMatching(/^read forgivingly: is not well-formed XML: .*line 1/);
    expect(await read("sloppy")).toMatchObject({ outcome: "ok", new: 1, reason });
    const says = async () => {
      const source = (await store.sources.list(now)).find(({ name }) => name === "sloppy");
      return source === undefined ? "" : judgeHealth({ ...source, now }).says;
    };
    expect(await says()).toMatch(/^1 new; read forgivingly: /);
    const admin = await fetch(`${service.url}/api/v1/admin/sources`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(await admin.text()).toContain("read forgivingly");
    text = rss(item("2611.42001", 1, "Q&amp;A on forgiven ice"));
    now = new Date(now.getTime() + 60_000);
    expect(await read("sloppy")).toMatchObject({ reason: null, read: 1 });
    expect(await says()).toBe("1 new");
  });

  it("that holds the thread it is read in costs its own run and nothing else", async () => {
    answer = (_req, res) => xml(res, rss("<a/>".repeat(300_000)));
    await add("hostile", "feed", { url: `${base}/hostile` });
    expect(await read("hostile")).toMatchObject({
      outcome: "failed",
      reason: "has more than 250000 elements",
    });
  });

  it("with ten thousand copies of one paper is one paper", async () => {
    answer = (_req, res) =>
      xml(res, rss(...Array.from({ length: 10_000 }, () => item("2611.41000", 1, "Many"))));
    expect(await read("lab")).toMatchObject({ read: 10_000, new: 1, unchanged: 9_999 });
  });
});

describe("a day when arXiv is late", () => {
  it("is told in the digest, and the batch comes in the next one, once; new versions to those who asked", async () => {
    const batches = {
      monday: [item("2611.50001", 1, "Monday paper")],
      tuesday: [item("2611.50002", 1, "Late paper"), item("2611.50001", 2, "Monday paper", "replace")],
    };
    let batch = batches.monday;
    answer = (_req, res) => xml(res, rss(...batch));
    now = new Date("2026-11-23T06:00:00Z");
    await add("arxiv", "arxiv-rss", { url: `${base}/rss`, query: "cs.CL" });
    await read("arxiv");
    await store.papers.announce(now);
    const order = {
      topics: [{ query: "sourcequarks" }],
      replacements: true,
      cadence: "daily",
      time: "08:00",
      timezone: "UTC",
    };
    service.setTime(new Date("2026-11-23T07:00:00Z"));
    const made = await fetch(`${service.url}/api/v1/subscriptions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "late@example.org", ...order }),
    });
    expect(made.status).toBe(202);
    const [confirmation] = await service.mails();
    const token = new URL(linkIn(confirmation as never, "/confirm", service)).searchParams.get("token") ?? "";
    await fetch(`${service.url}/confirm`, { method: "POST", body: new URLSearchParams({ token }) });
    const mailOf = async (at: string) => {
      service.setTime(new Date(at));
      await runUntilDone(service.worker, new Date(at));
      return (await service.mails()).at(-1)?.text ?? "";
    };
    const monday = await mailOf("2026-11-23T08:00:00Z");
    expect(monday).toContain("Monday paper");
    expect(monday).not.toContain("late today");
    now = new Date("2026-11-24T12:00:00Z");
    expect(await read("arxiv")).toMatchObject({ outcome: "repeated" });
    batch = batches.tuesday;
    // The reader's Tuesday mail goes out at 13:00: something else came, arXiv did not.
    await store.ingest(
      { name: "lab", kind: "feed" },
      [{ externalId: "x1", title: "Other sourcequarks", abstract: "", authors: [] }],
      now,
    );
    await store.papers.announce(now);
    const tuesday = await mailOf("2026-11-24T13:00:00Z");
    expect(tuesday).toContain("Other sourcequarks");
    expect(tuesday).toContain("arXiv was late today; these papers will come tomorrow.");
    now = new Date("2026-11-24T14:00:00Z");
    await read("arxiv");
    await store.papers.announce(now);
    const wednesday = await mailOf("2026-11-25T08:00:00Z");
    expect(wednesday).toContain("Late paper");
    expect(wednesday).toContain("New: version 2");
    expect(wednesday).not.toContain("Other sourcequarks");
    await plan(store, service.worker.library, new Date("2026-11-26T08:00:00Z"));
    expect((await store.deliveries.list({ limit: 1 }))[0]).toMatchObject({ status: "skipped" });
  });
});
