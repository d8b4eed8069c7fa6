import { DAY_MS, type PaperDraft } from "@paperboy/core";
import { openLibrary, type Store } from "@paperboy/db";
import { addReaders, GATE_ORDER } from "@paperboy/harness/readers";
import { openTestStore } from "@paperboy/harness/store";
import { plan } from "@paperboy/worker";
import fc from "fast-check";
import type pg from "pg";
import { beforeAll, expect, it } from "vitest";

let store: Store;
let sql: pg.Pool;
const start = new Date("2026-11-01T06:00:00Z");
const ORDER = { ...GATE_ORDER, topics: [{ name: "Quarks", query: "quark" }], maxPapers: 3 };

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});

/** Works 0 and 1 are twins: one title, one author, and only their ids tell them apart. */
const WORKS = 5;
const isTwin = (work: number) => work < 2;
const titleOf = (work: number) => `Quark confinement in long contexts, case ${isTwin(work) ? 0 : work}`;

/** A way in which a source may show a work. `renamed` is a journal's, with another title and nothing that links it. */
const FORMS = ["arxiv", "all", "doi", "named", "bare", "renamed"] as const;

function sighting(work: number, form: (typeof FORMS)[number], version: number): PaperDraft {
  const doi = `10.1000/work-${work}`;
  const base = {
    externalId: `${form}-${work}`,
    title: titleOf(work),
    abstract: "",
    authors: ["Ada Lovelace"],
  };
  const arxivId = `2611.0000${work}v${version}`;
  switch (isTwin(work) ? "arxiv" : form) {
    case "arxiv":
      return { ...base, arxivId };
    case "all":
      return { ...base, arxivId, doi };
    case "doi":
      return { ...base, doi };
    case "named":
      return base;
    case "bare":
      return { ...base, authors: [] };
    default:
      return { ...base, doi, title: `On quarks at last, revised form of ${work}` };
  }
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      batch: fc.array(
        fc.tuple(fc.nat(WORKS - 1), fc.constantFrom(...FORMS), fc.integer({ min: 1, max: 3 })),
        { minLength: 1, maxLength: 4 },
      ),
      source: fc.constantFrom("arxiv", "hf", "journal"),
    }),
  },
  { weight: 1, arbitrary: fc.constant("plan" as const) },
);

async function livingIds(ids: readonly number[]): Promise<number[]> {
  const { rows } = await sql.query("SELECT coalesce(merged_into, id) AS id FROM papers WHERE id = ANY($1)", [
    ids,
  ]);
  return rows.map(({ id }) => id);
}

/** A reader's life: what each of their digests brought, read as soon as it was planned. */
async function openReader() {
  await sql.query("TRUNCATE subscribers, papers, sources, merges CASCADE");
  const library = openLibrary(store);
  await addReaders(store, 1, start, ORDER);
  const had: number[] = [];
  let day = 0;
  return {
    now: () => new Date(start.getTime() + day * DAY_MS),
    had,
    /** Plans the next morning; fails when it brings what the reader had, under whatever id. */
    async nextMorning(): Promise<number> {
      day++;
      await plan(store, library, new Date(start.getTime() + day * DAY_MS + 3_600_000));
      await sql.query(
        "UPDATE deliveries SET status = 'submitted' WHERE kind = 'digest' AND status = 'pending'",
      );
      const { rows } = await sql.query(
        "SELECT g.paper_ids FROM deliveries d LEFT JOIN digests g ON g.id = d.id WHERE d.kind = 'digest' ORDER BY d.edition DESC LIMIT 1",
      );
      const brought = await livingIds(rows[0]?.paper_ids ?? []);
      const before = await livingIds(had);
      expect(brought.filter((id) => before.includes(id))).toEqual([]);
      expect(new Set(brought).size).toBe(brought.length);
      had.push(...(rows[0]?.paper_ids ?? []));
      return brought.length;
    },
  };
}

it("a reader gets every work once, whatever sources show of it, in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
      const reader = await openReader();
      const seen = new Set<number>();
      const renamed = new Set<number>();
      for (const each of steps) {
        if (each === "plan") {
          await reader.nextMorning();
          continue;
        }
        for (const [work, form] of each.batch) {
          seen.add(work);
          if (form === "renamed" && !isTwin(work)) renamed.add(work);
        }
        const drafts = each.batch.map(([work, form, version]) => sighting(work, form, version));
        await store.ingest({ name: each.source, kind: "file" }, drafts, reader.now());
        await store.papers.announce(reader.now());
      }
      while ((await reader.nextMorning()) > 0);
      const { rows } = await sql.query(
        "SELECT id, arxiv_id, doi, title FROM papers WHERE merged_into IS NULL",
      );
      // A journal's title that nothing links yet may stand for itself; every other work is one paper.
      const works = rows.filter(({ title }) => !title.startsWith("On quarks"));
      const loners = rows.length - works.length;
      expect(works.length + loners).toBeLessThanOrEqual(seen.size + renamed.size);
      expect(works.length + loners).toBeGreaterThanOrEqual(seen.size);
      const had = new Set(await livingIds(reader.had));
      expect(rows.map(({ id }) => id).filter((id) => !had.has(id))).toEqual([]);
      for (const name of ["arxiv_id", "doi"]) {
        const ids = rows.map((row) => row[name]).filter(Boolean);
        expect(new Set(ids).size).toBe(ids.length);
      }
      for (const merge of await store.merges.list(100)) await store.merges.undo(merge.id, reader.now());
      await reader.nextMorning();
    }),
    { numRuns: 20 },
  );
});

it("twins, an id and a journal's link that comes late: nothing twice, nothing lost, nothing mixed up", async () => {
  const reader = await openReader();
  const see = async (...drafts: PaperDraft[]) => {
    await store.ingest({ name: "arxiv", kind: "file" }, drafts, reader.now());
    await store.papers.announce(reader.now());
  };
  await see(sighting(0, "arxiv", 1), sighting(1, "arxiv", 1));
  await see({ ...sighting(0, "arxiv", 1), externalId: "bare", arxivId: "", doi: "10.1000/whose" });
  expect(await reader.nextMorning()).toBe(2);
  // Nobody can know whose DOI that was until somebody says so.
  await see({ ...sighting(1, "arxiv", 2), doi: "10.1000/whose" });
  const { rows } = await sql.query("SELECT arxiv_id, doi FROM papers ORDER BY id");
  expect(rows).toEqual([
    { arxiv_id: "2611.00000", doi: null },
    { arxiv_id: "2611.00001", doi: "10.1000/whose" },
  ]);
  await see(sighting(3, "bare", 1));
  await see(sighting(3, "named", 1));
  await see(sighting(3, "arxiv", 1));
  await see(sighting(3, "doi", 1));
  expect(await reader.nextMorning()).toBe(1);
  await see(sighting(3, "all", 2), sighting(3, "bare", 1));
  expect(await reader.nextMorning()).toBe(0);
});
