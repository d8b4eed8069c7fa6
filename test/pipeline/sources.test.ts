import { judgeHealth } from "@paperboy/core";
import { ADMIN_TOKEN } from "@paperboy/harness/service";
import { describe, expect, it } from "vitest";
import { item, rss, xml } from "./asked-server.ts";
import { add, asking, base, now, read, serveSources, service, setNow, store } from "./source-service.ts";

serveSources();

describe("the arXiv API", () => {
  const entry = (n: number, published: string) =>
    `<entry><id>http://arxiv.org/abs/2611.2${1000 + n}v1</id><title>Api ${n}</title><summary>s</summary><published>${published}</published></entry>`;
  const feed = (total: number, entries: string) =>
    `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><opensearch:totalResults>${total}</opensearch:totalResults>${entries}</feed>`;

  it("is read in slices three seconds apart, empty pages again, until what is old", async () => {
    let empties = 1;
    asking.waits.length = 0;
    asking.answer = (req, res) => {
      const start = Number(new URL(req.url ?? "", base).searchParams.get("start"));
      if (start === 200 && empties-- > 0) return xml(res, feed(5_000, ""));
      const entries = Array.from({ length: 200 }, (_, n) =>
        entry(start + n, start + n < 250 ? "2026-11-22T00:00:00Z" : "2026-01-01T00:00:00Z"),
      );
      xml(res, feed(5_000, entries.join("")));
    };
    await add("api", "arxiv-api", { url: `${base}/api/query`, query: "cat:cs.CL" });
    expect(await read("api")).toMatchObject({ outcome: "ok", read: 250, new: 250 });
    expect(asking.waits).toEqual([3_000, 3_000]);
    expect(asking.asked.at(-1)).toContain("search_query=cat%3Acs.CL&sortBy=submittedDate");
  });

  it("is asked for what has changed only", async () => {
    asking.answer = (req, res) => {
      if (req.headers["if-none-match"] === '"newest"') return void res.writeHead(304).end();
      res.setHeader("etag", '"newest"');
      xml(res, feed(1, entry(9_000, "2026-11-22T00:00:00Z")));
    };
    await add("api-tagged", "arxiv-api", { url: `${base}/api/query`, query: "cat:cs.CL" });
    expect(await read("api-tagged")).toMatchObject({ outcome: "ok", read: 1 });
    expect(await read("api-tagged")).toMatchObject({ outcome: "unchanged", read: 0 });
  });

  it("explains its 400, and fails with that", async () => {
    asking.answer = (_req, res) => {
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
    asking.answer = (_req, res) => {
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

describe("arXiv's OAI-PMH", () => {
  const record = (id: string, created: string) =>
    `<record><header><identifier>oai:arXiv.org:${id}</identifier></header><metadata><arXiv><id>${id}</id><created>${created}</created><title>Harvest ${id}</title><abstract>About harvestquarks.</abstract></arXiv></metadata></record>`;
  const list = (records: string, token: string) =>
    `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>${records}<resumptionToken>${token}</resumptionToken></ListRecords></OAI-PMH>`;

  it("resumes where it was interrupted, and does not mail old papers that changed", async () => {
    let broken = true;
    asking.answer = (req, res) => {
      const token = new URL(req.url ?? "", base).searchParams.get("resumptionToken");
      if (token === null) return xml(res, list(record("2611.30001", "2026-11-22"), "t1"));
      if (broken) return xml(res, `<OAI-PMH><error code="badArgument">later</error></OAI-PMH>`);
      xml(res, list(record("1601.00001", "2016-01-01"), ""));
    };
    await add("oai", "arxiv-oai", { url: `${base}/oai`, set: "cs" });
    expect(await read("oai")).toMatchObject({ outcome: "failed", new: 1 });
    broken = false;
    expect(await read("oai")).toMatchObject({ outcome: "ok", read: 1, new: 1 });
    expect(asking.asked.at(-1)).toContain("resumptionToken=t1");
    await store.papers.announce(now);
    await service.worker.library.refresh();
    const news = service.worker.library.matchesAbove("harvestquarks", 0);
    expect(news).toHaveLength(1);
  });
});

describe("a feed", () => {
  it("is not read again while it has not changed; a broken record costs nobody", async () => {
    asking.answer = (req, res) => {
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
    asking.answer = (_req, res) => {
      res.statusCode = 503;
      res.setHeader("retry-after", "7200").end();
    };
    expect(await read("lab")).toMatchObject({ outcome: "busy" });
    const source = (await store.sources.list(now)).find(({ name }) => name === "lab");
    expect(source?.nextRunAt?.getTime()).toBeGreaterThan(now.getTime() + 3_600_000);
  });

  it("that is not well-formed is read, and that is said until it is read without it", async () => {
    let text = rss(item("2611.42001", 1, "Q&A on forgiven ice"));
    asking.answer = (_req, res) => xml(res, text);
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
    setNow(new Date(now.getTime() + 60_000));
    expect(await read("sloppy")).toMatchObject({ reason: null, read: 1 });
    expect(await says()).toBe("1 new");
  });

  it("that holds the thread it is read in costs its own run and nothing else", async () => {
    asking.answer = (_req, res) => xml(res, rss("<a/>".repeat(300_000)));
    await add("hostile", "feed", { url: `${base}/hostile` });
    expect(await read("hostile")).toMatchObject({
      outcome: "failed",
      reason: "has more than 250000 elements",
    });
  });

  it("with ten thousand copies of one paper is one paper", async () => {
    asking.answer = (_req, res) =>
      xml(res, rss(...Array.from({ length: 10_000 }, () => item("2611.41000", 1, "Many"))));
    expect(await read("lab")).toMatchObject({ read: 10_000, new: 1, unchanged: 9_999 });
  });
});
