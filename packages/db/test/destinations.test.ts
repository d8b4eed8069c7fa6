import { randomUUID } from "node:crypto";
import type { Store } from "@paperboy/db";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestStore } from "../../../test/harness/store.ts";

let store: Store;
let sql: pg.Pool;
const now = new Date("2026-11-24T07:00:00Z");
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});
beforeEach(() => sql.query("TRUNCATE streams, stream_shares, throttles, markers"));

describe("a pause", () => {
  it("is one for workers that fail side by side, longer the next time, forgotten once a mail went out", async () => {
    const pauses = await Promise.all(
      [1, 2, 3].map(() => store.destinations.pause("*", "refused", "535 no", now)),
    );
    expect(new Set(pauses.map((until) => until.toISOString()))).toEqual(new Set([later(5).toISOString()]));
    expect(await store.destinations.list(now)).toMatchObject([
      { key: "*", pausedUntil: later(5), reason: "535 no" },
    ]);
    expect(await store.destinations.pause("*", "refused", "535 no", later(6))).toEqual(later(16));
    await store.destinations.speedUp("*", later(17));
    expect(await store.destinations.pause("*", "refused", "535 no", later(20))).toEqual(later(25));
  });

  it("ends when its time has come, or at an operator's word", async () => {
    await store.destinations.pause("*", "busy", "421 later", now);
    expect(await store.destinations.list(later(2))).toMatchObject([{ key: "*", pausedUntil: null }]);
    await store.destinations.pause("*", "busy", "421 later", later(3));
    expect(await store.destinations.resume("*")).toBe(true);
    expect(await store.destinations.resume("*")).toBe(false);
    expect(await store.destinations.list(later(3))).toEqual([]);
  });
});

describe("slots", () => {
  const request = { key: "gmail.com", want: 4, gapMs: 500, horizonMs: 1_000 };

  it("are given out once, however many workers ask, and no further ahead than the horizon", async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => store.destinations.acquireSlots(request)));
    const granted = all.reduce((sum, slots) => sum + slots.granted, 0);
    // Three fit into a second at half a second each; asking itself takes a little time.
    expect(granted).toBeGreaterThanOrEqual(3);
    expect(granted).toBeLessThanOrEqual(5);
  });

  it("follow one another at the pace", async () => {
    const wide = { ...request, horizonMs: 3_600_000, want: 10 };
    const first = await store.destinations.acquireSlots(wide);
    const second = await store.destinations.acquireSlots(wide);
    expect([first.granted, second.granted]).toEqual([10, 10]);
    expect(first.inMs).toBe(0);
    expect(second.inMs).toBeGreaterThan(4_000);
    expect(second.inMs).toBeLessThanOrEqual(5_000);
    await store.destinations.releaseSlots("gmail.com", 10, 500);
    expect((await store.destinations.acquireSlots(wide)).inMs).toBeLessThanOrEqual(5_000);
  });
});

describe("shared connections", () => {
  const limit = { want: 5, most: 8, leaseSeconds: 30 };

  it("are never more than there are, and come back when a worker ends or dies", async () => {
    const holders = Array.from({ length: 6 }, () => randomUUID());
    const held = await Promise.all(
      holders.map((holder) => store.destinations.acquireConnections("*", holder, limit)),
    );
    expect(held.reduce((sum, n) => sum + n, 0)).toBe(8);
    const first = holders[held.indexOf(5)] as string;
    expect(await store.destinations.acquireConnections("*", first, limit)).toBe(5);
    await store.destinations.releaseConnections(first);
    expect(await store.destinations.acquireConnections("*", randomUUID(), limit)).toBe(5);
    await sql.query("UPDATE stream_shares SET expires_at = now() - interval '1 second'");
    expect(await store.destinations.acquireConnections("*", randomUUID(), limit)).toBe(5);
  });
});

describe("a day's allowance", () => {
  it("is given out to the last and not beyond, whoever asks at once", async () => {
    const limit = { name: "warm-up", most: 50, windowMs: 86_400_000 };
    const taken = await Promise.all(
      Array.from({ length: 10 }, () => store.throttles.acquire(limit, "2026-11-24", 8, now)),
    );
    expect(taken.reduce((sum, n) => sum + n, 0)).toBe(50);
    await store.throttles.release(limit, "2026-11-24", 3);
    expect(await store.throttles.acquire(limit, "2026-11-24", 8, now)).toBe(3);
  });
});

describe("a limit", () => {
  const limit = { name: "orders", most: 3, windowMs: 60 * 60_000 };
  const count = async (at: Date, times: number) => {
    const within: boolean[] = [];
    for (let n = 0; n < times; n++) within.push(await store.throttles.count(limit, "somebody", at));
    return within;
  };

  it("lets as many through as it says, until its window is over, and then as many again", async () => {
    expect(await count(later(0), 4)).toEqual([true, true, true, false]);
    expect(await store.throttles.isReached(limit, "somebody", later(59))).toBe(true);
    expect(await count(later(59), 1)).toEqual([false]);
    expect(await store.throttles.isReached(limit, "somebody", later(60))).toBe(false);
    expect(await count(later(60), 4)).toEqual([true, true, true, false]);
  });

  it("is each one's own, and is not reached by counting to it", async () => {
    await count(later(0), 3);
    expect(await store.throttles.count(limit, "another", later(0))).toBe(true);
    expect(await store.throttles.isReached({ ...limit, most: 2 }, "another", later(0))).toBe(false);
  });
});

describe("a marker", () => {
  it("tells where it stood before, and moves both ways", async () => {
    const moved = [];
    for (const at of [now, later(5), later(1)]) moved.push(await store.markers.move("planned", at));
    expect(moved).toEqual([null, now, later(5)]);
  });
});
