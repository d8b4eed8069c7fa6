import { parseQuery } from "@paperboy/core";
import { readNextSource } from "@paperboy/worker";
import { describe, expect, it } from "vitest";
import { rss, xml } from "./asked-server.ts";
import { add, asking, base, now, read, serveSources, service, setNow, store } from "./source-service.ts";

serveSources();

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
    asking.answer = (req, res) => {
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
    expect(asking.asked).toContain("/api/daily_papers?date=2026-11-20&limit=100&p=1");
    upvotes = 9;
    setNow(new Date("2026-11-24T12:00:00Z"));
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
    asking.answer = (req, res) => {
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
  asking.waits.length = 0;
  asking.answer = (_req, res) => xml(res, rss());
  await add("rests", "feed", { url: `${base}/rests` });
  expect(await readNextSource(resting, asking.ports, () => now, { name: "rests" })).toMatchObject({
    outcome: "ok",
  });
  expect(asking.waits).toEqual([1_201, 1_201]);
});
