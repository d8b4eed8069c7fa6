import { MINUTE_MS, type SendOutcome } from "@paperboy/core";
import type { DeliveryWrite, Store } from "@paperboy/db";
import { openTestStore } from "@paperboy/harness/store";
import type { DeliverCounts } from "@paperboy/worker";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as delivering from "./delivering.ts";
import { PLANNED as planned, type Run, type Send, sendTo } from "./delivering.ts";

let store: Store;
let sql: pg.Pool;
const later = (minutes: number) => new Date(planned.getTime() + minutes * MINUTE_MS);

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});
beforeEach(async () => void (await sql.query("TRUNCATE streams")));

const planEditions = (readers: number) => delivering.planEditions(store, sql, readers);
const run = (send: Send, { through, ...more }: Run & { readonly through?: Store } = {}) =>
  delivering.run(through ?? store, send, more);

const SENT: SendOutcome = { kind: "submitted", response: "250 ok" };
const lost = (dotted: boolean): SendOutcome => ({ kind: "lost", dotted, error: new Error("the line broke") });

const listed = async () =>
  (await store.deliveries.list({ limit: 100 })).map(({ id, status }) => ({ id, status }));
const tally = ({ submitted, deferred, failed, skipped, fenced, heldUp }: DeliverCounts) => ({
  ...{ submitted, deferred, failed, skipped, fenced, heldUp },
});
const NOTHING = { submitted: 0, deferred: 0, failed: 0, skipped: 0, fenced: 0, heldUp: null };

describe("the final dot", () => {
  it("does not leave when another worker took the mail over while it was composed", async () => {
    await planEditions(1);
    const taken: string[] = [];
    const counts = await run(async (beforeDot, id) => {
      await sql.query("UPDATE deliveries SET lease_expires_at = now() - interval '1 second'");
      await store.deliveries.expireLeases("hold");
      await store.deliveries.claim({ now: planned, limit: 1, leaseSeconds: 30 });
      return sendTo(taken)(beforeDot, id);
    });
    expect(taken).toEqual([]);
    expect(tally(counts)).toEqual({ ...NOTHING, fenced: 1 });
  });

  it("does not leave when its mark cannot be written; what had gone out is recorded once the database is back", async () => {
    const ids = await planEditions(2);
    const [first, second] = ids as [string, string];
    const taken: string[] = [];
    const again: DeliveryWrite["event"][][] = [];
    let firstIsSent = () => {};
    const sent = new Promise<void>((resolve) => {
      firstIsSent = resolve;
    });
    let isDown = false;
    const write: Store["deliveries"]["write"] = async (writes, rest) => {
      const events = writes.map(({ event }) => event);
      if (isDown) again.push(events);
      else if (events.includes("dot") && events.includes("accept")) {
        isDown = true;
        throw new Error("the database is restarting");
      }
      return store.deliveries.write(writes, rest);
    };
    const through = { ...store, deliveries: { ...store.deliveries, write } };
    const counts = await run(
      async (beforeDot, id) => {
        if (id === second) await sent;
        const outcome = await sendTo(taken)(beforeDot, id);
        firstIsSent();
        return outcome;
      },
      { connections: 2, through },
    );
    expect(isDown).toBe(true);
    expect(taken).toEqual([first]);
    expect(again.flat().sort()).toEqual(["accept", "defer"]);
    expect(tally(counts)).toEqual({ ...NOTHING, submitted: 1, deferred: 1 });
    expect(await listed()).toEqual(
      expect.arrayContaining([
        { id: first, status: "submitted" },
        { id: second, status: "deferred" },
      ]),
    );
  });
});

describe("a mail that does not go out", () => {
  it("is tried again after gaps that grow", async () => {
    await planEditions(1);
    let at = 0;
    for (const gap of [5, 15, 30, 60]) {
      expect(tally(await run(async () => lost(false), { now: later(at) }))).toEqual({
        ...NOTHING,
        deferred: 1,
      });
      expect(await store.deliveries.claimable(later(at + gap - 1), 10)).toEqual([]);
      at += gap * 1.1;
      expect(await store.deliveries.claimable(later(at), 10)).toHaveLength(1);
    }
  });

  it("owes its papers to the next edition when it is given up, unless a copy may have arrived", async () => {
    await planEditions(1);
    await run(async () => lost(false));
    expect(tally(await run(async () => SENT, { now: later(4 * 24 * 60) }))).toEqual({
      ...NOTHING,
      skipped: 1,
    });
    await planEditions(1);
    await run(async () => lost(true), { policy: "retry" });
    expect(tally(await run(async () => SENT, { now: later(4 * 24 * 60) }))).toEqual({
      ...NOTHING,
      failed: 1,
    });
  });
});

describe("a refusal", () => {
  const refused = (kind: "recipient" | "message" | "soft", code: number): SendOutcome => ({
    ...{ kind: "refused", class: kind, response: `${code} no`, code, enhanced: null, phase: "rcpt" },
  });

  it("of an address where nobody is suppresses it, and no other does", async () => {
    await sql.query("TRUNCATE suppressions");
    for (const [kind, code, list] of [
      ["message", 554, []],
      ["soft", 451, []],
      ["recipient", 550, [{ reason: "bounce", detail: "550 no" }]],
    ] as const) {
      await planEditions(1);
      await run(async () => refused(kind, code));
      expect(await store.suppressions.list(9)).toMatchObject(list);
      expect(await store.suppressions.list(9)).toHaveLength(list.length);
    }
    await sql.query("TRUNCATE suppressions");
  });
});

describe("failures", () => {
  it("pause sending when they come in a row, and not when mails go out between them", async () => {
    await planEditions(13);
    let sent = 0;
    const counts = await run(async (beforeDot, id) =>
      ++sent % 5 === 0 ? sendTo([])(beforeDot, id) : lost(false),
    );
    expect(tally(counts)).toEqual({ ...NOTHING, submitted: 2, deferred: 11 });
    await planEditions(13);
    expect(tally(await run(async () => lost(false)))).toMatchObject({
      deferred: 5,
      heldUp: expect.stringMatching(/the line broke/),
    });
  });
});

describe("nothing is sent", () => {
  it("to an address that is suppressed, in whatever spelling", async () => {
    await planEditions(2);
    await store.suppressions.add("Reader0@Example.org", "bounce", null);
    const taken: string[] = [];
    const counts = await run(sendTo(taken));
    expect([counts.suppressed, counts.submitted, taken.length]).toEqual([1, 1, 1]);
    await store.suppressions.remove("reader0@example.org");
  });

  it("that was planned too long ago, though it was never tried", async () => {
    await planEditions(1);
    const taken: string[] = [];
    const counts = await run(sendTo(taken), { now: later(3 * 24 * 60) });
    expect([tally(counts), taken]).toEqual([{ ...NOTHING, skipped: 1 }, []]);
    await planEditions(1);
    expect(tally(await run(sendTo(taken), { now: later(3 * 24 * 60 - 1) }))).toMatchObject({ submitted: 1 });
  });
});

it("a run that is told to stop leaves what it had not begun to others, at once", async () => {
  await planEditions(6);
  const stop = new AbortController();
  const taken: string[] = [];
  await run(
    async (beforeDot, id) => {
      stop.abort();
      return sendTo(taken)(beforeDot, id);
    },
    { signal: stop.signal },
  );
  expect(taken).toHaveLength(1);
  expect(await store.deliveries.claimable(planned, 10)).toHaveLength(5);
});
