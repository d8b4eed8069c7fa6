import { randomUUID } from "node:crypto";
import { openStore, type PlannedEdition, type Store } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TestDatabase } from "../../../test/harness/database.ts";
import { openTestStore } from "../../../test/harness/store.ts";

let database: TestDatabase;
let store: Store;
let sql: pg.Pool;
const confirmedAt = new Date("2026-11-23T12:00:00Z");
const morning = new Date("2026-11-24T07:00:00Z");

beforeAll(async () => {
  const opened = await openTestStore();
  ({ database, store, sql } = opened);
  return opened.close;
});
beforeEach(() => sql.query("TRUNCATE subscribers CASCADE"));

async function subscribe(count: number): Promise<string[]> {
  const order = {
    topics: [{ name: "gates", query: "gate" }],
    trending: false,
    cadence: "daily",
    weekday: 1,
    localMinute: 420,
    timezone: "UTC",
    maxPapers: 20,
  } as const;
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const address = `${randomUUID()}@example.org`;
    const { requestId } = await store.subscriptions.request({ address, key: address }, order, confirmedAt);
    ids.push((await store.subscriptions.confirm(requestId, confirmedAt)) as string);
  }
  return ids;
}

const page = { now: morning, limit: 7, seenFromSeq: 1 };
const tomorrow = { nextDueAt: new Date("2026-11-25T07:00:00Z"), nextDate: "2026-11-25" };

function decideAll(due: readonly { id: string; nextDate: string }[]): PlannedEdition[] {
  return due.map(({ id, nextDate }) => ({
    subscriptionId: id,
    date: nextDate,
    status: "pending",
    paperIds: [1],
    sections: [],
    toSeq: 5,
    watermark: 5,
    ...tomorrow,
  }));
}

async function planAll(): Promise<number> {
  let planned = 0;
  for (;;) {
    const { due, pending } = await store.planPage(page, decideAll);
    if (due === 0) return planned;
    planned += pending.length;
  }
}

describe("planPage", () => {
  it("plans each subscription once, however many planners run at once", async () => {
    const ids = await subscribe(60);
    const planned = await Promise.all([planAll(), planAll(), planAll()]);
    expect(planned.reduce((sum, n) => sum + n, 0)).toBe(60);
    const { rows } = await sql.query(
      "SELECT subscription_id, count(*)::int AS n FROM deliveries WHERE kind = 'digest' GROUP BY 1",
    );
    expect(new Set(rows.map((row) => row.subscription_id))).toEqual(new Set(ids));
    expect(rows.every((row) => row.n === 1)).toBe(true);
  });

  it("passes over whom another planner holds, and does not wait for it", async () => {
    const [first, second] = await subscribe(2);
    const other = await sql.connect();
    const withTimeout = openStore({
      arxivPolicy: ARXIV_POLICY,
      url: `${database.url}?options=-c%20lock_timeout%3D2s`,
    });
    try {
      await other.query("BEGIN");
      await other.query("SELECT FROM subscriptions WHERE id = $1 FOR UPDATE", [first]);
      let planned: readonly string[] = [];
      await withTimeout.planPage(page, (due) => {
        planned = due.map(({ id }) => id);
        return decideAll(due);
      });
      expect(planned).toEqual([second]);
    } finally {
      await other.query("ROLLBACK");
      other.release();
      await withTimeout.close();
    }
  });

  it("ends nothing that is no digest: who asked for another order waits for its mail", async () => {
    const [id] = await subscribe(1);
    await sql.query("DELETE FROM deliveries");
    const deliveryId = await store.subscriptions.revokeLinks(id as string, confirmedAt);
    // Its edition is a random UUID, which sorts before a date or behind it.
    await sql.query("UPDATE deliveries SET edition = '00000000-0000-4000-8000-000000000000'");
    await planAll();
    expect(await store.deliveries.claimable(morning, 10)).toContain(deliveryId);
  });

  it("keeps to one delivery a local date when the due time is put back, and then leaves the watermark alone", async () => {
    const [id] = await subscribe(1);
    await planAll();
    await sql.query("UPDATE subscriptions SET next_due_at = $1, next_date = '2026-11-24', watermark = 2", [
      morning,
    ]);
    const again = await store.planPage(page, decideAll);
    expect(again).toEqual({ due: 1, pending: [], skipped: 0 });
    const { rows } = await sql.query(
      "SELECT watermark, last_date::text, next_date::text FROM subscriptions WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ watermark: 2, last_date: "2026-11-24", next_date: "2026-11-25" }]);
  });

  it("changes nothing when deciding fails half-way", async () => {
    await subscribe(3);
    const failing = store.planPage(page, () => {
      throw new Error("no paper");
    });
    await expect(failing).rejects.toThrow("no paper");
    expect(await planAll()).toBe(3);
  });

  it("tells which papers a reader of trending has had", async () => {
    const ids = await subscribe(2);
    await planAll();
    await sql.query("UPDATE deliveries SET status = 'submitted'");
    await sql.query("UPDATE subscriptions SET trending = (id = $2), next_due_at = $1", [morning, ids[0]]);
    const seenFrom = async (seenFromSeq: number) => {
      let seen = new Map<string, readonly number[]>();
      const looking = store.planPage({ ...page, seenFromSeq }, (due) => {
        seen = new Map(due.map((each) => [each.id, each.seen]));
        throw new Error("only looking");
      });
      await expect(looking).rejects.toThrow("only looking");
      return ids.map((id) => seen.get(id));
    };
    // The edition covers seq 5, and the watermark stands there: only who follows what trends is looked at further back.
    expect(await seenFrom(5)).toEqual([[1], []]);
    expect(await seenFrom(6)).toEqual([[], []]);
  });

  const nextMorning = { ...page, now: tomorrow.nextDueAt };
  /** What the planner is told of the only subscription's papers. */
  const history = async () => {
    let told: { seen: readonly number[]; owed: readonly number[] } | undefined;
    const failing = store.planPage(nextMorning, (due) => {
      told = { seen: due[0]?.seen ?? [], owed: due[0]?.owed ?? [] };
      throw new Error("only looking");
    });
    await expect(failing).rejects.toThrow("only looking");
    return told;
  };

  describe("an edition that has not gone out when the next one is due", () => {
    const withPaper = async () => {
      await sql.query("TRUNCATE papers CASCADE");
      await store.ingest(
        { name: "test", kind: "file" },
        [{ externalId: "p", title: "A gate", abstract: "", authors: [] }],
        confirmedAt,
      );
      const { rows } = await sql.query("SELECT id FROM papers");
      const [id] = await subscribe(1);
      await planAll();
      await sql.query("UPDATE digests SET paper_ids = $1", [[rows[0].id]]);
      return { id, paper: rows[0].id as number };
    };
    const states = async () =>
      (await sql.query("SELECT status FROM deliveries WHERE kind = 'digest' ORDER BY edition")).rows.map(
        ({ status }) => status,
      );

    it.each(["pending", "deferred"])("%s, is superseded by it and owes it the papers", async (status) => {
      const { paper } = await withPaper();
      await sql.query("UPDATE deliveries SET status = $1 WHERE kind = 'digest'", [status]);
      expect(await history()).toEqual({ seen: [], owed: [paper] });
      await store.planPage(nextMorning, (due) =>
        due.map(({ id, nextDate, owed }) => ({
          ...(decideAll([{ id, nextDate }])[0] as PlannedEdition),
          paperIds: owed,
          nextDueAt: new Date("2026-11-26T07:00:00Z"),
          nextDate: "2026-11-26",
        })),
      );
      expect(await states()).toEqual(["skipped", "pending"]);
      await sql.query("UPDATE deliveries SET status = 'submitted' WHERE status = 'pending'");
      await sql.query("UPDATE subscriptions SET next_due_at = $1, watermark = 0", [morning]);
      expect(await history()).toEqual({ seen: [paper], owed: [] });
    });

    it.each([
      ["in a worker's hands", "status = 'sending'"],
      ["possibly there", "status = 'deferred', uncertain = true"],
      ["unknown", "status = 'unknown'"],
    ])("%s, stays as it is and owes nothing", async (_what, change) => {
      await withPaper();
      await sql.query(`UPDATE deliveries SET ${change} WHERE kind = 'digest'`);
      expect(await history()).toMatchObject({ owed: [] });
    });
  });
});

describe("repairSchedules", () => {
  it("lets editions come again after a clock that ran days ahead was set back, and no date twice", async () => {
    const [id] = await subscribe(1);
    await planAll();
    await sql.query(
      "UPDATE subscriptions SET last_date = '2026-11-27', next_date = '2026-11-28', next_due_at = '2026-11-28T07:00:00Z'",
    );
    expect(await store.repairSchedules(new Date("2026-11-25T07:30:00Z"))).toBe(1);
    const { rows } = await sql.query("SELECT next_date::text, next_due_at FROM subscriptions WHERE id = $1", [
      id,
    ]);
    expect(rows).toEqual([{ next_date: "2026-11-25", next_due_at: new Date("2026-11-25T07:00:00Z") }]);
    expect(await store.repairSchedules(new Date("2026-11-25T07:30:00Z"))).toBe(0);
  });

  it("leaves a reader alone whose zone lies behind the one of their last mail", async () => {
    await subscribe(1);
    await sql.query(
      "UPDATE subscriptions SET last_date = '2026-11-25', next_date = '2026-11-26', timezone = 'Pacific/Honolulu'",
    );
    expect(await store.repairSchedules(new Date("2026-11-24T20:00:00Z"))).toBe(0);
  });
});
