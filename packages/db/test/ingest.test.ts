import { type PaperDraft, parseQuery } from "@paperboy/core";
import { openStore, type Store } from "@paperboy/db";
import type pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../../../test/harness/database.ts";
import { openTestStore } from "../../../test/harness/store.ts";

let database: TestDatabase;
let store: Store;
let sql: pg.Pool;
const now = new Date("2026-11-24T07:00:00Z");
const source = { name: "hf", kind: "file" };

beforeAll(async () => {
  const opened = await openTestStore();
  ({ database, store, sql } = opened);
  return opened.close;
});

function draft(id: string, more: Partial<PaperDraft> = {}): PaperDraft {
  return {
    externalId: id,
    arxivId: id,
    title: `Paper ${id}`,
    abstract: "About gates.",
    authors: ["Ada Lovelace"],
    ...more,
  };
}

describe("ingest", () => {
  it("makes papers, and changes nothing when the same comes again", async () => {
    const drafts = [draft("2601.00001"), draft("2601.00002", { upvotes: 3 })];
    expect(await store.ingest(source, drafts, now)).toMatchObject({ new: 2, updated: 0, unchanged: 0 });
    expect(await store.ingest(source, drafts, new Date(now.getTime() + 1000))).toMatchObject({
      new: 0,
      updated: 0,
      unchanged: 2,
    });
  });

  it("is one paper in any version and from any source, and enriches it", async () => {
    await store.ingest(source, [draft("2601.00010v1", { arxivId: "2601.00010v1", abstract: "Short." })], now);
    const later = draft("x", {
      arxivId: "2601.00010v2",
      title: "Paper 10, revised",
      abstract: "A longer abstract.",
      codeUrl: "https://github.com/a/b",
    });
    expect(await store.ingest({ name: "arxiv", kind: "file" }, [later], now)).toMatchObject({
      new: 0,
      updated: 1,
    });
    await store.papers.announce(now);
    const papers = await store.papers.announcedAfter(0, 100);
    const found = papers.filter((paper) => paper.arxivId === "2601.00010");
    expect(found).toMatchObject([
      {
        title: "Paper 10, revised",
        version: 2,
        sources: ["hf", "arxiv"],
        codeUrl: "https://github.com/a/b",
        abstract: "A longer abstract.",
      },
    ]);
  });

  it("joins by title and first author when no id is known, and keeps papers with different ids apart", async () => {
    const untitled = { externalId: "t", title: "On Gating", abstract: "a", authors: ["B. Bard"] };
    await store.ingest(source, [untitled], now);
    expect(
      await store.ingest(source, [draft("2601.00020", { title: "on  gating", authors: ["B. Bard"] })], now),
    ).toMatchObject({ new: 0, updated: 1 });
    expect(
      await store.ingest(source, [draft("2601.00021", { title: "On Gating", authors: ["B. Bard"] })], now),
    ).toMatchObject({ new: 1 });
  });

  it("knows what a feed shows again under its own id, its title corrected, and is not fooled by one id for all", async () => {
    const lab = { name: "lab", kind: "feed" };
    const entry = (externalId: string, title: string, abstract: string) => ({
      ...{ externalId, title, abstract, authors: [] },
    });
    const abstract = "Gated layers remember what matters over long contexts, and forget everything else.";
    await store.ingest(lab, [entry("guid-1", "Gatez", abstract), entry("guid-2", "0", "")], now);
    expect(
      await store.ingest(lab, [entry("guid-1", "Gates", abstract), entry("guid-2", "0", "")], now),
    ).toMatchObject({ new: 0, unchanged: 2 });
    const others = ["Kites", "Boats", "Trains", "Planes", "Shoes"].map((title) =>
      entry("guid-1", title, `${title} measure distances between unrelated laboratories.`),
    );
    expect(await store.ingest(lab, others, now)).toMatchObject({ new: 5 });
    expect(await store.ingest(lab, others, now)).toMatchObject({ new: 0 });
    await store.papers.announce(now);
  });

  it("counts a paper once that stands twice in a batch, and refuses one without a title", async () => {
    const counts = await store.ingest(
      source,
      [draft("2601.00030"), draft("2601.00030"), draft("2601.00031", { title: " " })],
      now,
    );
    expect(counts).toMatchObject({ new: 1, unchanged: 1, refused: [{ externalId: "2601.00031" }] });
  });

  it("makes one paper of what two processes ingest at once", async () => {
    const drafts = Array.from({ length: 50 }, (_, n) => {
      const { arxivId, ...unnamed } = draft(`2602.${10_000 + n}`);
      return n % 2 === 0 ? { ...unnamed, arxivId } : unnamed;
    }) as PaperDraft[];
    const other = openStore({ url: database.url });
    const counts = await Promise.all([
      store.ingest(source, drafts, now),
      other.ingest({ name: "arxiv", kind: "file" }, drafts, now),
    ]).finally(() => other.close());
    expect(counts.map((count) => count.new).sort()).toEqual([0, 50]);
  });

  it("records a sighting when something the source shows has changed, and only then", async () => {
    const seen = (upvotes: number, hour: number) =>
      store.ingest(source, [draft("2603.00001", { upvotes })], new Date(now.getTime() + hour * 3_600_000));
    expect(await seen(5, 0)).toMatchObject({ new: 1 });
    expect(await seen(5, 1)).toMatchObject({ unchanged: 1 });
    expect(await seen(9, 30)).toMatchObject({ updated: 1 });
    await store.papers.announce(now);
    const until = new Date(now.getTime() + 31 * 3_600_000);
    const candidates = await store.papers.trendingCandidates(new Date(now.getTime() - 1000), until);
    const found = candidates.find(({ paper }) => paper.arxivId === "2603.00001");
    expect([found?.paper.upvotes, found?.signals.before?.upvotes]).toEqual([9, 5]);
  });

  it("shows the newest signals in whatever order sightings come, and takes 0 as not read", async () => {
    const seen = (upvotes: number, hour: number, extra: Partial<PaperDraft> = {}) => {
      const observedAt = new Date(now.getTime() + hour * 3_600_000);
      return store.ingest(source, [draft("2603.00002", { upvotes, observedAt, ...extra })], now);
    };
    await seen(30, 24);
    expect(await seen(12, -24, { stars: 7 })).toMatchObject({ updated: 1 });
    expect(await seen(0, 48)).toMatchObject({ updated: 1 });
    await store.papers.announce(now);
    const found = (await store.papers.announcedAfter(0, 1_000)).find(
      (paper) => paper.arxivId === "2603.00002",
    );
    expect(found).toMatchObject({ upvotes: 30, stars: 7 });
    const span = { since: new Date("2026-11-01"), until: new Date("2026-12-01"), limit: 1 };
    const { byDay } = await store.archive.preview(parseQuery('"2603.00002"'), span);
    expect([...byDay]).toEqual([["2026-11-23", 1]]);
  });

  it("keeps what two files of one day show, and changes nothing when both come again", async () => {
    const votes = draft("2603.00005", { upvotes: 7, observedAt: now });
    const bare = draft("2603.00005", { version: 2, observedAt: now });
    await store.ingest(source, [votes], now);
    await store.ingest(source, [bare], now);
    for (const again of [votes, bare, votes])
      expect(await store.ingest(source, [again], now)).toMatchObject({ new: 0, updated: 0, unchanged: 1 });
    await store.papers.announce(now);
    const { rows } = await sql.query(
      "SELECT s.upvotes, s.version FROM sightings s JOIN papers p ON p.id = paper_id WHERE arxiv_id = '2603.00005'",
    );
    expect(rows).toEqual([{ upvotes: 7, version: 2 }]);
  });

  it("records the same sightings however they are cut into batches", async () => {
    const seen = (id: string, upvotes: number, hour: number) =>
      draft(id, { upvotes, observedAt: new Date(now.getTime() + hour * 3_600_000) });
    const series = (id: string) => [5, 5, 9, 9, 9, 5].map((upvotes, hour) => seen(id, upvotes, hour));
    await store.ingest(source, series("2603.00003"), now);
    for (const each of series("2603.00004")) await store.ingest(source, [each], now);
    const rows = async (id: string) =>
      (
        await sql.query(
          "SELECT s.upvotes, observed_at FROM sightings s JOIN papers p ON p.id = paper_id WHERE arxiv_id = $1 ORDER BY observed_at",
          [id],
        )
      ).rows.map((row) => [row.upvotes, row.observed_at.getUTCHours()]);
    expect(await rows("2603.00003")).toEqual([
      [5, 7],
      [9, 9],
      [5, 12],
    ]);
    expect(await rows("2603.00004")).toEqual(await rows("2603.00003"));
    expect(await store.ingest(source, series("2603.00003"), now)).toMatchObject({ updated: 0 });
    await store.papers.announce(now);
  });
});

describe("announce", () => {
  it("gives each paper one seq, without gaps, whoever announces at once", async () => {
    await store.ingest(
      source,
      Array.from({ length: 200 }, (_, n) => draft(`2604.${20_000 + n}`)),
      now,
    );
    const announced = await Promise.all(Array.from({ length: 8 }, () => store.papers.announce(now)));
    expect(announced.reduce((sum, n) => sum + n, 0)).toBe(200);
    const seqs = (await store.papers.announcedAfter(0, 10_000)).map((paper) => paper.seq as number);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(await store.papers.announce(now)).toBe(0);
  });

  it("shows no seq before every lower one is visible", async () => {
    let highest = 0;
    const watch = async () => {
      for (let round = 0; round < 40; round++) {
        const seqs = (await store.papers.announcedAfter(0, 10_000)).map((paper) => paper.seq as number);
        expect(seqs.length).toBe(seqs.at(-1));
        expect(seqs.length).toBeGreaterThanOrEqual(highest);
        highest = seqs.length;
      }
    };
    const write = async (series: number) => {
      for (let n = 0; n < 10; n++) {
        await store.ingest(source, [draft(`260${series}.${30_000 + n}`)], now);
        await store.papers.announce(now);
      }
    };
    await Promise.all([watch(), write(5), write(6), write(7)]);
  });
});

describe("records of which little is known", () => {
  it("change nothing when they are read again", async () => {
    const little: PaperDraft[] = [
      { externalId: "little-a", title: "7", abstract: "", authors: [] },
      {
        externalId: "b",
        title: "Editorial",
        abstract: "",
        authors: ["Ada Lovelace"],
        url: "https://x.example/1",
      },
      {
        externalId: "c",
        title: "Editorial",
        abstract: "",
        authors: ["Ada Lovelace"],
        url: "https://x.example/2",
      },
      { externalId: "little-d", title: "Gates", abstract: "Short.", authors: [] },
    ];
    expect(await store.ingest(source, little, now)).toMatchObject({ new: 4 });
    expect(await store.ingest(source, little, now)).toMatchObject({ new: 0, updated: 0, unchanged: 4 });
  });
});
