import type { PaperDraft } from "@paperboy/core";
import { openLibrary, openStore } from "@paperboy/db";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { ARXIV_POLICY } from "@paperboy/sources";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let database: TestDatabase;
let store: ReturnType<typeof openStore>;
const now = new Date("2026-11-24T07:00:00Z");
const later = new Date("2026-11-24T08:00:00Z");
const arxiv = { name: "arxiv", kind: "file" };
const journal = { name: "journal", kind: "file" };

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
});
afterAll(async () => {
  await store.close();
  await database.close();
});

const draft = (externalId: string, title: string, more: Partial<PaperDraft> = {}): PaperDraft => ({
  externalId,
  title,
  abstract: `About ${title}.`,
  authors: ["Ada Lovelace"],
  ...more,
});

/** Two papers that nobody could know to be one, and the draft that tells. */
async function twoThatAreOne(n: number) {
  const [arxivId, doi] = [`2601.1000${n}`, `10.1000/one-${n}`];
  await store.ingest(arxiv, [draft(arxivId, `Preprint title ${n}`, { arxivId, upvotes: 5 })], now);
  await store.ingest(
    journal,
    [draft(doi, `Journal title ${n}`, { doi, codeUrl: "https://code.example/x" })],
    now,
  );
  await store.papers.announce(now);
  const all = await store.papers.announcedAfter(0, 1_000);
  const first = all.find((paper) => paper.arxivId === arxivId);
  const second = all.find((paper) => paper.doi === doi);
  if (!first || !second) throw new Error("the two papers are missing");
  const link = draft(`link-${n}`, `Preprint title ${n}`, { arxivId, doi });
  return { first, second, link, doi, arxivId };
}

describe("papers that turn out to be one", () => {
  it("are joined: the one announced first stays, knows all, and answers for both", async () => {
    const { first, second, link, doi, arxivId } = await twoThatAreOne(1);
    const library = openLibrary(store);
    await library.refresh();
    const size = library.size;
    expect(await store.ingest(journal, [link], later)).toMatchObject({ new: 0, updated: 1 });
    const joined = await store.papers.byId(second.id);
    expect(joined).toMatchObject({
      id: first.id,
      arxivId,
      doi,
      codeUrl: "https://code.example/x",
      upvotes: 5,
    });
    await library.refresh();
    expect(library.size).toBe(size - 1);
    const found = await library.search({ query: '"journal title 1"', limit: 10 });
    expect(found.papers.map(({ paper }) => paper.id)).not.toContain(second.id);
  });

  it("stay one when the title of the one that went comes again", async () => {
    const { link } = await twoThatAreOne(2);
    await store.ingest(journal, [link], later);
    expect(await store.ingest(journal, [draft("again", "Journal title 2")], later)).toMatchObject({ new: 0 });
  });

  it("are unmerged by an operator, each with what was its own, and never joined again", async () => {
    const { first, second, link, doi, arxivId } = await twoThatAreOne(3);
    await store.ingest(journal, [link], later);
    const merge = (await store.merges.list(10)).find(({ mergedId }) => mergedId === second.id);
    expect(merge).toMatchObject({ keptId: first.id, mergedTitle: "Journal title 3" });
    expect(await store.merges.undo(merge?.id ?? 0, later)).toBe(true);
    expect(await store.merges.undo(merge?.id ?? 0, later)).toBe(false);
    expect(await store.papers.byId(first.id)).toMatchObject({ arxivId, doi: null, codeUrl: null });
    expect(await store.papers.byId(second.id)).toMatchObject({ id: second.id, arxivId: null, doi });
    await store.ingest(journal, [link], later);
    expect(await store.papers.byId(second.id)).toMatchObject({ id: second.id, doi });
    const library = openLibrary(store);
    const found = await library.search({ query: '"journal title 3"', limit: 10 });
    expect(found.papers.map(({ paper }) => paper.id)).toContain(second.id);
  });

  it("are unmerged in any order when three were joined, and each gets its own back", async () => {
    for (const [n, newestFirst] of [true, false].entries()) {
      const ids = [`2601.2000${n}`, `10.1000/chain-${n}`] as const;
      const [arxivId, doi] = ids;
      const named = (title: string, more: Partial<PaperDraft> = {}) => draft(title, title, more);
      await store.ingest(arxiv, [named(`Chain one ${n}`, { arxivId })], now);
      await store.ingest(arxiv, [named(`Chain two ${n}`)], now);
      await store.ingest(journal, [named(`Chain three ${n}`, { doi })], now);
      await store.papers.announce(now);
      const all = await store.papers.announcedAfter(0, 1_000);
      const of = (title: string) => all.find((paper) => paper.title === title)?.id ?? 0;
      const [one, two, three] = ["one", "two", "three"].map((name) => of(`Chain ${name} ${n}`));
      await store.ingest(journal, [named(`Chain two ${n}`, { doi })], later);
      await store.ingest(journal, [named(`Chain two ${n}`, { arxivId, doi })], later);
      expect(await store.papers.byId(three as number)).toMatchObject({ id: one, arxivId, doi });
      const merges = (await store.merges.list(2)).map(({ id }) => id);
      for (const id of newestFirst ? merges : merges.toReversed()) {
        expect(await store.merges.undo(id, later)).toBe(true);
      }
      expect(await store.papers.byId(one as number)).toMatchObject({ id: one, arxivId, doi: null });
      expect(await store.papers.byId(two as number)).toMatchObject({ id: two, arxivId: null, doi: null });
      expect(await store.papers.byId(three as number)).toMatchObject({ id: three, arxivId: null, doi });
      await store.ingest(journal, [named(`Chain three ${n}`, { arxivId, doi })], later);
      expect(await store.papers.byId(three as number)).toMatchObject({ id: three, doi });
    }
  });

  it("that are unmerged while one of them is joined to a third leave that one in peace", async () => {
    const named = (title: string, more: Partial<PaperDraft> = {}) => draft(title, title, more);
    const [arxivId, doi] = ["2601.29999", "10.1000/in-peace"];
    await store.ingest(arxiv, [named("Peace one", { arxivId })], now);
    await store.ingest(arxiv, [named("Peace two")], now);
    await store.ingest(journal, [named("Peace three", { doi })], now);
    await store.papers.announce(now);
    const three = (await store.papers.announcedAfter(0, 1_000)).find((paper) => paper.doi === doi);
    await store.ingest(journal, [named("Peace two", { doi })], later);
    await store.ingest(journal, [named("Peace two", { arxivId, doi })], later);
    const [newest] = await store.merges.list(1);
    await store.merges.undo(newest?.id ?? 0, later);
    // Two and three are one still, and keep the DOI.
    expect(await store.papers.byId(newest?.mergedId ?? 0)).toMatchObject({ title: "Peace two", doi });
    expect(await store.papers.byId(three?.id ?? 0)).toMatchObject({ title: "Peace two", doi });
    const found = await store.ingest(
      journal,
      [named("Peace three", { doi, codeUrl: "https://c.example/" })],
      later,
    );
    expect(found).toMatchObject({ new: 0, updated: 1 });
    const library = openLibrary(store);
    await library.refresh();
    expect(library.matchesAbove('title:"peace"', 0)).toHaveLength(2);
  });

  it("come back to topics when they are unmerged, at the place they had", async () => {
    const { first, second, link } = await twoThatAreOne(6);
    const library = openLibrary(store);
    const found = async () => {
      await library.refresh();
      return library.matchesAbove('title:"title 6"', 0).toSorted();
    };
    expect(await found()).toEqual([first.id, second.id]);
    await store.ingest(journal, [link], later);
    expect(await found()).toEqual([first.id]);
    const [merge] = await store.merges.list(1);
    await store.merges.undo(merge?.id ?? 0, later);
    expect(await found()).toEqual([first.id, second.id]);
    expect(library.hold().matches.seqOf(second.id)).toBe(second.seq);
  });

  it("are not joined when they carry different ids", async () => {
    const { second, link } = await twoThatAreOne(4);
    await store.ingest(
      journal,
      [draft(second.doi ?? "", "Journal title 4", { doi: second.doi ?? "", arxivId: "2601.19999" })],
      later,
    );
    await store.ingest(journal, [link], later);
    expect(await store.papers.byId(second.id)).toMatchObject({ id: second.id, arxivId: "2601.19999" });
  });

  it("are joined within one batch, too", async () => {
    const batch = [
      draft("2601.30000", "Batch preprint", { arxivId: "2601.30000" }),
      draft("10.1000/batch", "Batch journal", { doi: "10.1000/batch" }),
      draft("link", "Batch preprint", { arxivId: "2601.30000", doi: "10.1000/batch" }),
    ];
    expect(await store.ingest(arxiv, batch, now)).toMatchObject({ new: 1 });
  });
});

describe("papers that are not news", () => {
  it("came as a replacement or withdrawn: they are found, and never mailed as new", async () => {
    const old = draft("2401.00001", "Oldquark revised", { arxivId: "2401.00001", announceType: "replace" });
    const gone = draft("2401.00002", "Oldquark gone", { arxivId: "2401.00002", withdrawn: true });
    const fresh = draft("2401.00003", "Oldquark crossed", { arxivId: "2401.00003", announceType: "cross" });
    await store.ingest(arxiv, [old, gone, fresh], now);
    await store.papers.announce(now);
    const library = openLibrary(store);
    await library.refresh();
    expect((await library.search({ query: "oldquark", limit: 10 })).total).toBe(3);
    const ids = library.matchesAbove("oldquark", 0);
    expect(ids).toHaveLength(1);
    expect(await store.papers.byId(ids[0] ?? 0)).toMatchObject({ arxivId: "2401.00003" });
  });
});

it("writes batches in the order they were given, though the next is read meanwhile", async () => {
  const batches = Array.from({ length: 20 }, (_, n) => [
    draft("2602.00001", "Ordered", { arxivId: "2602.00001", upvotes: n }),
  ]);
  await Promise.all(
    batches.map((batch, n) => store.ingest(arxiv, batch, new Date(now.getTime() + n * 1000))),
  );
  await store.papers.announce(later);
  const all = await store.papers.announcedAfter(0, 1_000);
  expect(all.find((paper) => paper.arxivId === "2602.00001")).toMatchObject({ upvotes: 19 });
});
