import type { PaperDraft } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { openTestStore } from "@paperboy/harness/store";
import type pg from "pg";
import { beforeEach, describe, expect, it } from "vitest";

let store: Store;
let sql: pg.Pool;
const now = new Date("2026-11-24T07:00:00Z");
const later = new Date("2026-11-25T07:00:00Z");
const lab = { name: "lab", kind: "feed" };
const hf = { name: "hf", kind: "hf" };

beforeEach(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});

const draft = (externalId: string, authors: readonly string[]): PaperDraft => ({
  externalId,
  title: `On the ice of ${externalId}`,
  abstract: `About ${externalId}.`,
  authors,
});

/** Rows as a former version wrote them: what it made of `Weber, L. M.` was two people. */
async function storedWrongly() {
  await store.ingest(
    lab,
    [
      draft("alps", ["Weber", "L. M."]),
      draft("andes", ["Cho", "M.", "Lim", "T.-W.", "Seo", "H."]),
      draft("arctic", ["Weber", "Lena"]),
      draft("altai", ["Lena Weber", "Min Cho"]),
      draft("atlas", ["Weber, Lena", "Cho, Min"]),
      draft("aral", []),
    ],
    now,
  );
  await store.ingest(hf, [draft("etna", ["Kimi", "Team"]), draft("erebus", ["Weber", "L. M."])], now);
  await store.papers.announce(now);
}

const people = async () => {
  const papers = await store.papers.announcedAfter(0, 100);
  return Object.fromEntries(
    papers.map(({ title, authors }) => [title.slice("On the ice of ".length), authors]),
  );
};

describe("authors that were split wrongly", () => {
  it("are put right, whatever is right stays, and no paper is lost or joined", async () => {
    await storedWrongly();
    const before = await sql.query(
      "SELECT id, seq, title, abstract, sources, updated_at FROM papers ORDER BY id",
    );
    expect(await store.repairAuthors(later)).toBe(5);
    expect(await people()).toEqual({
      alps: ["L. M. Weber"],
      andes: ["M. Cho", "T.-W. Lim", "H. Seo"],
      arctic: ["Lena Weber"],
      altai: ["Lena Weber", "Min Cho"],
      atlas: ["Lena Weber", "Min Cho"],
      aral: [],
      etna: ["Kimi", "Team"],
      erebus: ["L. M. Weber"],
    });
    const after = await sql.query(
      "SELECT id, seq, title, abstract, sources, updated_at FROM papers ORDER BY id",
    );
    const same = ({ updated_at: _, ...row }: Record<string, unknown>) => row;
    expect(after.rows.map(same)).toEqual(before.rows.map(same));
    const touched = after.rows.filter((row, place) => +row.updated_at !== +before.rows[place].updated_at);
    expect(touched).toHaveLength(5);
    expect((await store.merges.list(10)).length).toBe(0);
  });

  it("are found by their names afterwards", async () => {
    await storedWrongly();
    const found = async () => {
      const { rows } = await sql.query("SELECT title FROM papers WHERE terms @@ $1::tsquery", [
        "'@l' <-> '@m' <-> '@weber'",
      ]);
      return rows.length;
    };
    expect(await found()).toBe(0);
    await store.repairAuthors(later);
    expect(await found()).toBe(2);
  });

  it("are the same papers when their source shows them again", async () => {
    await storedWrongly();
    await store.repairAuthors(later);
    const again = [
      draft("alps", ["L. M. Weber"]),
      draft("andes", ["M. Cho", "T.-W. Lim", "H. Seo"]),
      draft("arctic", ["Lena Weber"]),
    ];
    expect(await store.ingest(lab, again, later)).toMatchObject({ new: 0, updated: 0, unchanged: 3 });
    const elsewhere = again.map((each) => ({ ...each, externalId: `journal ${each.externalId}` }));
    expect(await store.ingest({ name: "journal", kind: "feed" }, elsewhere, later)).toMatchObject({
      new: 0,
      updated: 3,
    });
  });

  it("lend their key to the family name again where it went by an initial", async () => {
    await store.ingest(lab, [draft("fuji", ["Weber L", "Cho M"])], now);
    await sql.query("UPDATE papers SET title_key = 'on the ice of fuji|l'");
    expect(await store.repairAuthors(later)).toBe(1);
    const { rows } = await sql.query("SELECT title_key, authors FROM papers");
    expect(rows).toEqual([{ title_key: "on the ice of fuji|weber", authors: ["Weber L", "Cho M"] }]);
  });

  it("keep a key that another list of authors gave", async () => {
    await store.ingest(lab, [draft("etna", ["Weber", "L. M."])], now);
    await sql.query("UPDATE papers SET title_key = 'on the ice of etna|cho'");
    await store.repairAuthors(later);
    const { rows } = await sql.query("SELECT title_key, authors FROM papers");
    expect(rows).toEqual([{ title_key: "on the ice of etna|cho", authors: ["L. M. Weber"] }]);
  });

  it("stay right when a merge of before is undone", async () => {
    await store.ingest(lab, [{ ...draft("alps", ["Weber", "L. M."]), doi: "10.1000/alps" }], now);
    await store.ingest(hf, [{ ...draft("alpen", ["Weber", "L. M."]), arxivId: "2611.00001" }], now);
    await store.ingest(
      hf,
      [{ ...draft("alpen", ["Weber", "L. M."]), arxivId: "2611.00001", doi: "10.1000/alps" }],
      now,
    );
    const [merge] = await store.merges.list(10);
    expect(merge).toBeDefined();
    await store.repairAuthors(later);
    expect(await store.merges.undo(merge?.id as number, later)).toBe(true);
    const { rows } = await sql.query("SELECT authors FROM papers ORDER BY id");
    expect(rows).toEqual([{ authors: ["L. M. Weber"] }, { authors: ["L. M. Weber"] }]);
  });

  it("are looked for once, in as many papers as there are, and again when that was interrupted", async () => {
    const many = Array.from({ length: 450 }, (_, place) => draft(`glacier ${place}`, ["Weber", "L. M."]));
    await store.ingest(lab, many, now);
    const stop = new AbortController();
    stop.abort();
    expect(await store.repairAuthors(later, stop.signal)).toBe(0);
    expect(await store.repairAuthors(later)).toBe(450);
    expect(await store.repairAuthors(later)).toBeNull();
  });
});
