import { MINUTE_MS, type SendOutcome } from "@paperboy/core";
import type { DeliveryWrite, Store } from "@paperboy/db";
import { type DeliverCounts, deliver, type Mailer } from "@paperboy/worker";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addReaders } from "../../../test/harness/readers.ts";
import { openTestStore } from "../../../test/harness/store.ts";

let store: Store;
let sql: pg.Pool;
const planned = new Date("2026-11-24T07:30:00Z");
const later = (minutes: number) => new Date(planned.getTime() + minutes * MINUTE_MS);

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});
beforeEach(async () => void (await sql.query("TRUNCATE subscribers, streams CASCADE")));

/** Plans an edition for each of so many readers; gives the ids of their deliveries. */
async function planEditions(readers: number): Promise<readonly string[]> {
  await addReaders(store, readers, new Date("2026-11-20T12:00:00Z"));
  await sql.query("DELETE FROM deliveries");
  const { pending } = await store.planPage({ now: planned, limit: readers, seenFromSeq: 1 }, (due) =>
    due.map(({ id, nextDate }) => ({
      ...{ subscriptionId: id, date: nextDate, status: "pending", paperIds: [], sections: [] },
      ...{ toSeq: 0, watermark: 0, nextDueAt: later(24 * 60), nextDate: "2026-11-25" },
    })),
  );
  return pending;
}

type Send = (beforeDot: () => Promise<void>, id: string) => Promise<SendOutcome>;

interface Run {
  readonly now?: Date;
  readonly connections?: number;
  readonly policy?: "hold" | "retry";
  readonly signal?: AbortSignal;
  readonly through?: Store;
}

/** Delivers what is due with a mailer that does nothing but this. */
function run(send: Send, { now = planned, connections = 1, policy, signal, through }: Run = {}) {
  const mailer: Mailer = {
    connections,
    send: async ({ id }, _papers, beforeDot) => ({
      messageId: `<${id}@b>`,
      outcome: await send(beforeDot, id),
    }),
  };
  const options = { now: () => now, leaseSeconds: 30, unknownPolicy: policy ?? "hold" } as const;
  return deliver(through ?? store, mailer, { ...options, ...(signal && { signal }) });
}

const SENT: SendOutcome = { kind: "submitted", response: "250 ok" };
const lost = (dotted: boolean): SendOutcome => ({ kind: "lost", dotted, error: new Error("the line broke") });

/** Hands a mail over as the transport does. */
const sendTo: (taken: string[]) => Send = (taken) => async (beforeDot, id) => {
  try {
    await beforeDot();
  } catch (error) {
    return { kind: "aborted", error: error as Error };
  }
  taken.push(id);
  return SENT;
};
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
    await sql.query("TRUNCATE subscribers CASCADE");
    await planEditions(1);
    await run(async () => lost(true), { policy: "retry" });
    expect(tally(await run(async () => SENT, { now: later(4 * 24 * 60) }))).toEqual({
      ...NOTHING,
      failed: 1,
    });
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
    await sql.query("TRUNCATE subscribers CASCADE");
    await planEditions(13);
    expect(tally(await run(async () => lost(false)))).toMatchObject({
      deferred: 5,
      heldUp: expect.stringMatching(/the line broke/),
    });
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
