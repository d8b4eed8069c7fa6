import { DAY_MS } from "@paperboy/core";
import { openLibrary, type Store } from "@paperboy/db";
import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { openTestStore } from "@paperboy/harness/store";
import { plan } from "@paperboy/worker";
import fc from "fast-check";
import type pg from "pg";
import { beforeAll, expect, it } from "vitest";

let store: Store;
let sql: pg.Pool;
const start = new Date("2026-11-01T06:00:00Z");

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});

/** What becomes of a day's edition before the next one is due. */
const FATES = {
  goesOut: "status = 'submitted'",
  waits: "status = 'pending'",
  isDeferred: "status = 'deferred', attempts = attempts + 1",
  mayBeThere: "status = 'deferred', uncertain = true",
  isUnknown: "status = 'unknown'",
} as const;

const day = fc.record({
  papers: fc.integer({ min: 0, max: 4 }),
  fate: fc.constantFrom(...(Object.keys(FATES) as (keyof typeof FATES)[])),
});
const reader = fc.record({
  trending: fc.boolean(),
  maxPapers: fc.integer({ min: 2, max: 6 }),
});

it("whatever becomes of editions, each paper stands in one that went out, may have, or still will; and in no second", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(day, { minLength: 1, maxLength: 8 }), reader, async (days, wish) => {
      await sql.query("TRUNCATE subscribers, papers, sources, markers CASCADE");
      await addReaders(store, 1, start, { ...GATE_ORDER, ...wish });
      const library = openLibrary(store);
      let [morning, published] = [0, 0];
      const nextMorning = async (papers: number, fate: string) => {
        morning++;
        const at = new Date(start.getTime() + morning * DAY_MS);
        await publish(store, gatePapers(papers, published), at);
        published += papers;
        await plan(store, library, new Date(at.getTime() + 3_600_000 * 2));
        const { rowCount } = await sql.query(
          `UPDATE deliveries d SET ${fate} FROM digests g WHERE g.id = d.id AND status = 'pending' AND cardinality(g.paper_ids) > 0`,
        );
        return rowCount ?? 0;
      };
      for (const { papers, fate } of days) await nextMorning(papers, FATES[fate]);
      while ((await nextMorning(0, FATES.goesOut)) > 0);
      const { rows } = await sql.query(
        `SELECT p.id, count(d.id)::int AS n FROM papers p
         LEFT JOIN (digests g JOIN deliveries d ON d.id = g.id AND d.status <> 'skipped') ON p.id = ANY(g.paper_ids) GROUP BY p.id`,
      );
      expect(rows).toHaveLength(published);
      expect(rows.filter(({ n }) => n !== 1)).toEqual([]);
      const open = await sql.query("SELECT FROM deliveries WHERE kind = 'digest' AND status = 'pending'");
      expect(open.rowCount).toBe(0);
    }),
    { numRuns: 20 },
  );
});
