import { randomUUID } from "node:crypto";
import type { DeliveryStatus } from "@paperboy/core";
import { type ClaimedDelivery, type DeliveryWrite, openStore, type Store } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TestDatabase } from "../../../test/harness/database.ts";
import { GATE_ORDER } from "../../../test/harness/readers.ts";
import { openTestStore } from "../../../test/harness/store.ts";

let database: TestDatabase;
let store: Store;
let sql: pg.Pool;
const now = new Date("2026-11-24T07:00:00Z");
const LEASE = 30;

beforeAll(async () => {
  const opened = await openTestStore();
  ({ database, store, sql } = opened);
  return opened.close;
});
beforeEach(async () => {
  await sql.query("TRUNCATE subscribers CASCADE");
  const address = `${randomUUID()}@example.org`;
  await store.subscriptions.request({ address, key: address }, GATE_ORDER, now);
});

const claim = () => store.deliveries.claim({ now, limit: 10, leaseSeconds: LEASE });
const claimOne = async () => (await claim())[0] as ClaimedDelivery;
const expireLease = () => sql.query("UPDATE deliveries SET lease_expires_at = now() - interval '1 second'");
const status = async () =>
  (await sql.query("SELECT status FROM deliveries")).rows[0].status as DeliveryStatus;
const write = (
  delivery: ClaimedDelivery,
  what: Omit<DeliveryWrite, "id" | "fence"> & Partial<Record<string, unknown>>,
) =>
  store.deliveries.write([{ id: delivery.id, fence: delivery.fence, ...what } as DeliveryWrite], {
    now,
    leaseSeconds: LEASE,
  });
const dot = (delivery: ClaimedDelivery) => write(delivery, { event: "dot" });
const accept = (delivery: ClaimedDelivery) =>
  write(delivery, { event: "accept", response: "250 ok", messageId: "<a@b>" });

describe("a delivery", () => {
  it("is claimed by one worker only", async () => {
    const claims = (await Promise.all(Array.from({ length: 6 }, claim))).flat();
    expect(claims).toHaveLength(1);
    expect(claims[0]).toMatchObject({ kind: "confirmation", fence: 1, wanted: true });
  });

  it("goes from the claim over the dot to submitted", async () => {
    const delivery = await claimOne();
    expect(await dot(delivery)).toEqual(new Set([delivery.id]));
    await accept(delivery);
    expect(await status()).toBe("submitted");
    expect(await claim()).toEqual([]);
  });

  it("is not submitted without the dot", async () => {
    await accept(await claimOne());
    expect(await status()).toBe("sending");
  });

  it("whose lease ran out before the dot goes to another worker, and the first may not send the dot any more", async () => {
    const first = await claimOne();
    await expireLease();
    expect(await store.deliveries.expireLeases("hold")).toEqual({ pending: 1, unknown: 0 });
    const second = await claimOne();
    expect(second.fence).toBe(2);
    expect(await dot(first)).toEqual(new Set());
    expect(await dot(second)).toEqual(new Set([second.id]));
    await accept(first);
    expect(await status()).toBe("dotted");
  });

  it("whose lease ran out after the dot is unknown, and the answer that comes late is still the truth", async () => {
    const delivery = await claimOne();
    await dot(delivery);
    await expireLease();
    expect(await store.deliveries.expireLeases("hold")).toEqual({ pending: 0, unknown: 1 });
    expect(await claim()).toEqual([]);
    await accept(delivery);
    expect(await status()).toBe("submitted");
  });

  it("is sent again after the dot only when the policy says so", async () => {
    const delivery = await claimOne();
    await dot(delivery);
    await expireLease();
    expect(await store.deliveries.expireLeases("retry")).toEqual({ pending: 1, unknown: 0 });
    expect(await claimOne()).toMatchObject({ id: delivery.id, uncertain: true });
  });

  it("keeps a lease that is renewed", async () => {
    const delivery = await claimOne();
    await expireLease();
    await store.deliveries.renew([delivery], LEASE);
    expect(await store.deliveries.expireLeases("hold")).toEqual({ pending: 0, unknown: 0 });
  });

  it("keeps no lease that a worker renews whose claim was taken", async () => {
    const first = await claimOne();
    await expireLease();
    await store.deliveries.expireLeases("hold");
    await claimOne();
    await expireLease();
    await store.deliveries.renew([first], LEASE);
    expect(await store.deliveries.expireLeases("hold")).toEqual({ pending: 1, unknown: 0 });
  });

  it("that another worker is about to take is passed over, not waited for", async () => {
    const address = "second@example.org";
    await store.subscriptions.request({ address, key: address }, GATE_ORDER, now);
    const [first, second] = await store.deliveries.claimable(now, 2);
    const other = await sql.connect();
    const withTimeout = openStore({
      arxivPolicy: ARXIV_POLICY,
      url: `${database.url}?options=-c%20lock_timeout%3D2s`,
    });
    try {
      await other.query("BEGIN");
      await other.query("SELECT FROM deliveries WHERE id = $1 FOR UPDATE", [first]);
      const claimed = await withTimeout.deliveries.claim({ now, limit: 10, leaseSeconds: LEASE });
      expect(claimed.map(({ id }) => id)).toEqual([second]);
    } finally {
      await other.query("ROLLBACK");
      other.release();
      await withTimeout.close();
    }
  });

  it("that somebody waits for is claimed before the digests, which have waited longer", async () => {
    const { edition } = await claimOne();
    await store.subscriptions.confirm(edition, now);
    const later = new Date(now.getTime() + 3 * 86_400_000);
    const after = { nextDueAt: new Date(later.getTime() + 86_400_000), nextDate: "2026-11-28" };
    const { pending } = await store.planPage({ now: later, limit: 10, seenFromSeq: 1 }, (due) =>
      due.map(({ id, nextDate }) => ({
        ...{ subscriptionId: id, date: nextDate, status: "pending", paperIds: [], sections: [] },
        ...{ toSeq: 0, watermark: 0, ...after },
      })),
    );
    expect(pending).toHaveLength(1);
    const address = "waiting@example.org";
    await store.subscriptions.request(
      { address, key: address },
      GATE_ORDER,
      new Date(later.getTime() + 60_000),
    );
    const [next] = await store.deliveries.claim({ now: later, limit: 1, leaseSeconds: LEASE });
    expect(next).toMatchObject({ kind: "confirmation", email: address });
  });

  it("that is deferred comes back when it is due, not before", async () => {
    const delivery = await claimOne();
    const nextAttemptAt = new Date(now.getTime() + 300_000);
    await write(delivery, { event: "defer", response: "451", nextAttemptAt });
    expect(await claim()).toEqual([]);
    expect(await store.deliveries.claim({ now: nextAttemptAt, limit: 10, leaseSeconds: LEASE })).toHaveLength(
      1,
    );
  });

  it("is settled by an operator only when its fate is unknown; sent again, it is as if planned now", async () => {
    const later = new Date(now.getTime() + 9 * 86_400_000);
    const delivery = await claimOne();
    expect(await store.deliveries.settle(delivery.id, "submitted", later)).toBe(0);
    const lose = async () => {
      await dot(await claimOne());
      await expireLease();
      await store.deliveries.expireLeases("hold");
    };
    await expireLease();
    await store.deliveries.expireLeases("hold");
    await lose();
    expect(await store.deliveries.settle("all", "pending", later)).toBe(1);
    const { rows } = await sql.query("SELECT status, uncertain, planned_at FROM deliveries");
    expect(rows).toEqual([{ status: "pending", uncertain: true, planned_at: later }]);
    await lose();
    expect(await store.deliveries.settle(delivery.id.toUpperCase(), "submitted", later)).toBe(1);
    expect(await status()).toBe("submitted");
  });

  it("counts the attempts that were deferred, and remembers that one may have gone out", async () => {
    const first = await claimOne();
    const defer = { event: "defer", response: "451", nextAttemptAt: now } as const;
    await write(first, defer);
    const second = await claimOne();
    expect(second).toMatchObject({ attempts: 1, uncertain: false });
    await write(second, { ...defer, uncertain: true });
    const third = await claimOne();
    expect(third).toMatchObject({ attempts: 2, uncertain: true });
    await store.deliveries.release([third]);
    await write(await claimOne(), defer);
    expect(await claimOne()).toMatchObject({ attempts: 3, uncertain: true });
  });
});
