import { warmUpLimit } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { openTestStore } from "@paperboy/harness/store";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PLANNED, planEditions, run, sendTo } from "./delivering.ts";

let store: Store;
let sql: pg.Pool;
beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});
beforeEach(async () => void (await sql.query("TRUNCATE streams, stream_shares, throttles")));

describe("the limits of a destination", () => {
  it("release at once what may not begin yet, for others to claim", async () => {
    await planEditions(store, sql, 3);
    const stop = new AbortController();
    const taken: string[] = [];
    const paces = new Map([["example.org", { gapMs: 3_600_000, connections: null }]]);
    await run(
      store,
      (beforeDot, id) => {
        stop.abort();
        return sendTo(taken)(beforeDot, id);
      },
      { paces, signal: stop.signal },
    );
    expect(taken).toHaveLength(1);
    expect(await store.deliveries.claimable(PLANNED, 10)).toHaveLength(2);
  });

  it("let no more mails be under way than it has connections for us", async () => {
    await planEditions(store, sql, 6);
    let underWay = 0;
    let most = 0;
    const taken: string[] = [];
    const paces = new Map([["example.org", { gapMs: null, connections: 2 }]]);
    await run(
      store,
      async (beforeDot, id) => {
        most = Math.max(most, ++underWay);
        return sendTo(taken)(beforeDot, id).finally(() => underWay--);
      },
      { paces, connections: 4 },
    );
    expect([taken.length, most]).toEqual([6, 2]);
  });

  it("count of a warm-up's day what went out, and nothing that was only claimed for", async () => {
    const warmUpFrom = "2026-11-24";
    await planEditions(store, sql, 2);
    await run(store, sendTo([]), { warmUpFrom });
    const most = warmUpLimit(warmUpFrom, PLANNED) as number;
    const limit = { name: "warm-up", most, windowMs: 172_800_000 };
    expect(await store.throttles.acquire(limit, warmUpFrom, 1_000_000, PLANNED)).toBe(most - 2);
  });
});
