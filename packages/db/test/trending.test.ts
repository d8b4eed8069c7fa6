import type { PaperDraft } from "@paperboy/core";
import { openLibrary, openStore } from "@paperboy/db";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { ARXIV_POLICY } from "@paperboy/sources";
import { afterAll, beforeAll, expect, it } from "vitest";

let database: TestDatabase;
let store: ReturnType<typeof openStore>;
const now = new Date("2026-11-24T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
});
afterAll(async () => {
  await store.close();
  await database.close();
});

async function see(source: string, hours: number, title: string, more: Partial<PaperDraft> = {}) {
  const draft = { externalId: title, title, abstract: "", authors: ["Ada Lovelace"], ...more };
  await store.ingest({ name: source, kind: source }, [draft], hoursAgo(hours));
  await store.papers.announce(hoursAgo(hours));
}
const trending = (date = "2026-11-24") => openLibrary(store).trending({ date, limit: 800 }, now);
const titles = async (date?: string) => (await trending(date)).papers.map(({ paper }) => paper.title);

it("counts a paper's age from the day it was listed where readers vote, however long it was known", async () => {
  await see("arxiv", 24 * 30, "Long known");
  await see("arxiv", 24 * 30, "Long known, and never listed");
  await see("hf", 1, "Long known", { upvotes: 40, listedAt: hoursAgo(5) });
  await see("hf", 1, "New", { upvotes: 39, listedAt: hoursAgo(5) });
  expect(await titles()).toEqual(["Long known", "New"]);
  expect(await titles("2026-11-23")).toEqual([]);
});

it("measures gains within one source, whose counts can be compared", async () => {
  await see("elsewhere", 30, "Counted twice", { upvotes: 3 });
  await see("hf", 28, "Counted twice", { upvotes: 90, listedAt: hoursAgo(30) });
  await see("hf", 1, "Counted twice", { upvotes: 100, listedAt: hoursAgo(30) });
  const found = (await trending()).papers.find(({ paper }) => paper.title === "Counted twice");
  expect(found?.reason).toBe("▲ 100, 10 since yesterday");
  await see("elsewhere", 0, "Counted twice", { upvotes: 4 });
  const again = (await trending()).papers.find(({ paper }) => paper.title === "Counted twice");
  expect(again?.reason).toBe("▲ 4, 1 since yesterday");
});

it("gives a past day again as it was, with its counts, whatever came later", async () => {
  await see("hf", 50, "Remembered", { upvotes: 5, stars: 100, comments: 1, listedAt: hoursAgo(51) });
  const before = await trending("2026-11-22");
  await see("hf", 2, "Remembered", { upvotes: 500, stars: 900, comments: 7, listedAt: hoursAgo(51) });
  await see("hf", 1, "Newcomer", { upvotes: 700 });
  const after = await trending("2026-11-22");
  expect(after.papers).toEqual(before.papers);
  expect(after.papers[0]).toMatchObject({ paper: { upvotes: 5, stars: 100, comments: 1 }, reason: "▲ 5" });
});

it("shows a past day what was seen on it, though it was ingested later", async () => {
  const drafts = ["Older", "Newer"].map((title, n) => ({
    ...{ externalId: title, title: `Seen in spring, ${title}`, abstract: "", authors: [] },
    observedAt: new Date(`2026-03-0${n + 1}T08:00:00Z`),
  }));
  await store.ingest({ name: "archive", kind: "file" }, drafts, now);
  await store.papers.announce(now);
  expect(await titles("2026-03-02")).toEqual(["Seen in spring, Newer", "Seen in spring, Older"]);
  expect(await titles("2026-03-01")).toEqual(["Seen in spring, Older"]);
});

it("puts what nobody voted on behind, the freshest first, and not without end", async () => {
  const many = Array.from({ length: 700 }, (_, n) => ({
    externalId: `silent-${n}`,
    title: `Silent ${String(n).padStart(3, "0")}`,
    abstract: "",
    authors: [],
    observedAt: hoursAgo(20 - n / 100),
  }));
  await store.ingest({ name: "arxiv", kind: "arxiv" }, many, now);
  await store.papers.announce(now);
  const { papers } = await trending();
  const silent = papers.filter(({ reason }) => reason === null);
  expect(silent.length).toBeGreaterThanOrEqual(500);
  expect(silent.length).toBeLessThan(700);
  expect(silent[0]?.paper.title).toBe("Silent 699");
  expect(papers.slice(0, papers.length - silent.length).every(({ score }) => score > 0)).toBe(true);
  expect(silent.every(({ score }) => score < 0)).toBe(true);
});
