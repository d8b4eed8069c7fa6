import { type IngestReport, ingestRecords, type ReadRecord } from "@paperboy/worker";
import { describe, expect, it } from "vitest";

const now = new Date("2026-11-24T07:00:00Z");
const source = { name: "file", kind: "file" };
const record = (n: number): ReadRecord => ({
  at: `line ${n}`,
  draft: { externalId: String(n), title: `Paper ${n}`, abstract: "", authors: [] },
});
const records = (count: number) => Array.from({ length: count }, (_, n) => record(n + 1));

/** A store that counts, and whose `failing`th batch fails. */
function storeOf({ failing = 0 }: { failing?: number } = {}) {
  const sizes: number[] = [];
  const quarantined: { at: string; reason: string }[] = [];
  const store: Parameters<typeof ingestRecords>[0] = {
    ingest: async (_source, drafts) => {
      sizes.push(drafts.length);
      if (sizes.length === failing) throw new Error("the database became unavailable");
      return { new: drafts.length, updated: 0, unchanged: 0, first: drafts.length, refused: [] };
    },
    sources: {
      quarantine: async (_name, refusals) => void quarantined.push(...refusals),
    },
  };
  return { store, sizes, quarantined };
}

/** Lets everything happen that waits for nothing outside. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("taking records in", () => {
  it("tells how far it is only when all before is safely in", async () => {
    const told: number[] = [];
    const { store } = storeOf({ failing: 2 });
    const reading = ingestRecords(store, source, records(2_600), now, (read) => void told.push(read));
    await expect(reading).rejects.toThrow("the database became unavailable");
    expect(told).toEqual([500]);
  });

  it("stores what was read before the reader failed, and then fails", async () => {
    const { store, sizes } = storeOf();
    async function* cut() {
      yield* records(700);
      throw new Error("the disk became unavailable");
    }
    await expect(ingestRecords(store, source, cut(), now)).rejects.toThrow("the disk became unavailable");
    expect(sizes).toEqual([500, 200]);
  });

  it("keeps in quarantine which file a record stood in", async () => {
    const { store, quarantined } = storeOf();
    const bad: ReadRecord = { refusal: { at: "line 2", reason: "title is missing" } };
    const report: IngestReport = await ingestRecords(
      store,
      { ...source, file: "papers.jsonl" },
      [record(1), bad],
      now,
    );
    expect(report).toMatchObject({ read: 2, new: 1, refused: 1, refusals: [{ at: "line 2" }] });
    expect(quarantined).toEqual([{ at: "papers.jsonl: line 2", reason: "title is missing" }]);
  });

  it("has two batches under way at most, and reads no further until one is stored", async () => {
    const given = { records: 0 };
    const waiting: (() => void)[] = [];
    const { store, sizes } = storeOf();
    const slow = {
      ...store,
      ingest: async (...args: Parameters<typeof store.ingest>) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return store.ingest(...args);
      },
    };
    function* eager() {
      while (given.records < 5_000) yield record(++given.records);
    }
    let over = false;
    const reading = ingestRecords(slow, source, eager(), now).finally(() => {
      over = true;
    });
    for (let stored = 0; stored < 10; stored++) {
      await settled();
      // The batch being stored, and the one behind it.
      expect(given.records).toBe(Math.min(5_000, (stored + 2) * 500));
      expect(waiting).toHaveLength(stored < 9 ? 2 : 1);
      expect(over).toBe(false);
      waiting.shift()?.();
    }
    await reading;
    expect(sizes).toEqual(Array(10).fill(500));
  });
});
