import { randomUUID } from "node:crypto";
import {
  DELIVERY_EVENTS,
  DELIVERY_STATUSES,
  type DeliveryEvent,
  type DeliveryStatus,
  OPEN_STATUSES,
} from "@paperboy/core";
import type { DeliveryWrite, Store } from "@paperboy/db";
import type pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { addReaders, GATE_ORDER } from "../../../test/harness/readers.ts";
import { openTestStore } from "../../../test/harness/store.ts";
import { nextStatus } from "../../core/test/delivery/next-status.ts";

let store: Store;
let sql: pg.Pool;
let subscriptionId: string;
const now = new Date("2026-11-24T07:00:00Z");

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  const [id] = await addReaders(store, 1, new Date("2026-11-23T12:00:00Z"), GATE_ORDER);
  subscriptionId = id as string;
  return opened.close;
});

const write = (id: string, what: object) =>
  store.deliveries.write([{ id, fence: 1, ...what } as DeliveryWrite], { now, leaseSeconds: 30 });

/** Makes each event happen to a delivery with fence 1, through the door the service uses. */
const HAPPENINGS: Readonly<Record<DeliveryEvent, (id: string) => Promise<unknown>>> = {
  claim: (id) => store.deliveries.claim({ now, limit: 10, leaseSeconds: 30, ids: [id] }),
  release: (id) => store.deliveries.release([{ id, fence: 1 }]),
  dot: (id) => write(id, { event: "dot" }),
  accept: (id) => write(id, { event: "accept", response: "250 ok", messageId: "<a@b>" }),
  refuse: (id) => write(id, { event: "refuse", response: "550 no" }),
  defer: (id) => write(id, { event: "defer", response: "451 later", nextAttemptAt: now }),
  suppress: (id) => write(id, { event: "suppress", response: "no longer wanted" }),
  lapse: (id) => write(id, { event: "lapse", response: "too late" }),
  supersede: async () => {
    const next = { nextDueAt: new Date("2026-11-25T07:00:00Z"), nextDate: "2026-11-25" };
    await sql.query("UPDATE subscriptions SET next_due_at = $1, next_date = $2", [now, next.nextDate]);
    await store.planPage({ now, limit: 1, seenFromSeq: 1 }, () => []);
  },
  expire: () => store.deliveries.expireLeases("hold"),
  lose: (id) => write(id, { event: "lose", response: "the connection broke" }),
  resend: () => store.deliveries.expireLeases("retry"),
  settleSent: (id) => store.deliveries.settle(id, "submitted", now),
  settleRetry: (id) => store.deliveries.settle(id, "pending", now),
  restoreSent: () => store.deliveries.restoreSent(now, now),
};

/** What the end of a lease does beside the event asked for: before and after the dot it is looked at in one go. */
const ALSO: Partial<Record<DeliveryEvent, DeliveryEvent>> = { expire: "lose", resend: "expire" };

const rowOf = async (id: string) =>
  (await sql.query("SELECT status, open_at IS NOT NULL AS open FROM deliveries WHERE id = $1", [id])).rows[0];

async function deliveryIn(status: DeliveryStatus): Promise<string> {
  await sql.query("DELETE FROM deliveries");
  const id = randomUUID();
  await sql.query(
    `INSERT INTO deliveries (id, subscription_id, edition, status, fence, planned_at, next_attempt_at, lease_expires_at)
     VALUES ($1, $2, '2026-11-24', $3::delivery_status, 1, $4, CASE WHEN $3::text = 'deferred' THEN $4::timestamptz END,
       CASE WHEN $3::text IN ('sending', 'dotted') THEN now() - interval '1 minute' END)`,
    [id, subscriptionId, status, now],
  );
  return id;
}

const pairs = DELIVERY_STATUSES.flatMap((status) =>
  (Object.keys(DELIVERY_EVENTS) as DeliveryEvent[]).map((event) => ({ status, event })),
);

describe("the store keeps to the table of events", () => {
  it.each(pairs)("$status, $event", async ({ status, event }) => {
    const also = ALSO[event];
    const expected = nextStatus(status, event) ?? (also && nextStatus(status, also)) ?? status;
    const id = await deliveryIn(status);
    await HAPPENINGS[event](id);
    const isOpen = (OPEN_STATUSES as readonly DeliveryStatus[]).includes(expected);
    expect(await rowOf(id)).toEqual({ status: expected, open: isOpen });
  });

  it.each(["dot", "accept", "refuse", "defer", "suppress", "lapse", "lose"] as const)(
    "%s of a claim that was taken away changes nothing",
    async (event) => {
      const id = await deliveryIn(DELIVERY_EVENTS[event].from[0]);
      await sql.query("UPDATE deliveries SET fence = 2");
      await HAPPENINGS[event](id);
      expect((await rowOf(id)).status).toBe(DELIVERY_EVENTS[event].from[0]);
    },
  );
});
