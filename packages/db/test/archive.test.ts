import { parseQuery } from "@paperboy/core";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { ARXIV_POLICY } from "@paperboy/sources";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InvalidCursor, openLibrary, openStore, type Store } from "../src/index.ts";

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
});
afterAll(async () => {
  await store.close();
  await database.close();
});

const NOW = new Date("2026-11-24T06:00:00Z");
const SOURCE = { name: "test", kind: "file" };

async function publish(titles: readonly string[], abstract = "Nothing to see."): Promise<void> {
  const drafts = titles.map((title, n) => ({
    externalId: title,
    title,
    abstract,
    authors: [`Ada B${n}`],
    url: `https://example.org/${encodeURIComponent(title)}`,
  }));
  await store.ingest(SOURCE, drafts, NOW);
  await store.papers.announce(NOW);
}

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => `Mamba, part ${from + n}`);

/** Every title on every page, and calls `between` after each. */
async function walk(
  query: string,
  sort: "relevance" | "newest",
  between = async () => {},
): Promise<string[]> {
  const library = openLibrary(store);
  const titles: string[] = [];
  for (let before: string | null | undefined; before !== null; ) {
    const page = await library.search({ query, sort, limit: 3, ...(before && { before }) });
    titles.push(...page.papers.map(({ paper }) => paper.title));
    before = page.next;
    await between();
  }
  return titles;
}

describe("searching the archive", () => {
  it.each(["relevance", "newest"] as const)("gives every match once, page by page, by %s", async (sort) => {
    const titles = numbered(11, sort === "newest" ? 100 : 0);
    await publish(titles);
    const found = await walk('title:"mamba"', sort);
    expect(found.filter((title) => titles.includes(title)).toSorted()).toEqual(titles.toSorted());
    expect(new Set(found).size).toBe(found.length);
  });

  it("neither repeats nor loses one when papers are announced between two pages", async () => {
    await publish(numbered(7, 200).map((title) => `${title} of quokkas`));
    let extra = 0;
    const found = await walk("quokkas", "relevance", () => publish([`Quokkas, volume ${extra++}`]));
    expect(found.filter((title) => title.startsWith("Mamba")).length).toBe(7);
    expect(new Set(found).size).toBe(found.length);
  });

  it("counts all matches, puts titles first and says why", async () => {
    await publish(["Wombats are here"]);
    await publish(["Something else"], "A wombat and more wombats in $\\alpha$ <b>fields</b>.");
    const page = await openLibrary(store).search({ query: "wombat", limit: 1 });
    expect(page.total).toBe(2);
    expect(page.papers[0]).toMatchObject({ paper: { title: "Wombats are here" }, matched: ["Wombats"] });
    expect(page.papers[0]?.highlights).toEqual({
      title: [{ start: 0, end: 7 }],
      abstract: [],
      authors: [[]],
    });
    const second = await openLibrary(store).search({ query: "wombat", limit: 1, before: page.next ?? "" });
    const { paper, highlights } = second.papers[0] ?? {};
    expect(highlights?.abstract.map(({ start, end }) => paper?.abstract.slice(start, end))).toEqual([
      "wombat",
      "wombats",
    ]);
    expect(second.next).toBeNull();
  });

  it("leaves out papers that are not announced yet", async () => {
    const draft = { externalId: "n", title: "Numbats wait", abstract: "A.", authors: ["A B"], url: "" };
    await store.ingest(SOURCE, [draft], NOW);
    expect(await store.archive.search(parseQuery("numbats"), { order: "relevance", limit: 5 })).toEqual({
      total: 0,
      isMore: false,
      hits: [],
      next: null,
    });
  });

  it("takes dates and numbers, which have no rank, newest first", async () => {
    await publish(["Bilby one", "Bilby two"]);
    const page = await openLibrary(store).search({ query: "after:2026-11-24 -mamba bilby", limit: 5 });
    expect(page.papers.map(({ paper }) => paper.title)).toEqual(["Bilby two", "Bilby one"]);
    const dated = await openLibrary(store).search({ query: "after:2026-11-24", limit: 2 });
    expect(dated.papers.map(({ score }) => score)).toEqual([0, 0]);
    const rest = await openLibrary(store).search({
      query: "after:2026-11-24",
      limit: 100,
      before: dated.next ?? "",
    });
    expect(rest.papers.length).toBe(dated.total - 2);
  });

  it.each(["", "x", "1_", "_1", "1e999_1x", "5", "0.5_99999999999", "'; DROP TABLE papers"])(
    "refuses %j as the place of a page",
    async (before) => {
      const search = openLibrary(store).search({ query: "mamba", limit: 5, before });
      await expect(search).rejects.toThrow(InvalidCursor);
    },
  );
});
