import type { ClaimedDelivery, Store } from "@paperboy/db";
import { GATE_ORDER } from "@paperboy/harness/readers";
import { openTestStore } from "@paperboy/harness/store";
import { beforeAll, expect, it } from "vitest";

let store: Store;
const now = new Date("2026-11-24T07:00:00Z");

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store } = opened);
  return opened.close;
});

it("a bounce of a mail that no relay has heard of changes nothing, whoever knows its id", async () => {
  const address = "ada@example.org";
  const { deliveryId } = await store.subscriptions.request({ address, key: address }, GATE_ORDER, now);
  const bounce = { deliveryId, kind: "hard", status: "5.1.1", reason: "550 5.1.1 unknown" } as const;
  expect(await store.bounces.record(bounce, now)).toBe(false);
  expect(await store.suppressions.list(1)).toEqual([]);
  const [claimed] = await store.deliveries.claim({ now, limit: 1, leaseSeconds: 30 });
  const { id, fence } = claimed as ClaimedDelivery;
  await store.deliveries.write([{ id, fence, event: "dot" }], { now, leaseSeconds: 30 });
  expect(await store.bounces.record(bounce, now)).toBe(true);
  expect(await store.suppressions.list(1)).toMatchObject([{ reason: "bounce" }]);
});
