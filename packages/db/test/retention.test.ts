import type { Store } from "@paperboy/db";
import { GATE_ORDER } from "@paperboy/harness/readers";
import { openTestStore } from "@paperboy/harness/store";
import type pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";

let store: Store;
let sql: pg.Pool;
const now = new Date("2026-11-24T07:00:00Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const KEPT = { digests: 100, deliveries: 100, requests: 30, unsubscribed: 60, runs: 90 };

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});

const ask = (address: string, at: Date) =>
  store.subscriptions.request({ address, key: address }, GATE_ORDER, at);
const addresses = async () =>
  (await sql.query("SELECT email FROM subscribers ORDER BY email")).rows.map(({ email }) => email);

it("forgets who never confirmed and who left long ago, keeps whoever reads, and what was promised", async () => {
  await ask("never@example.org", daysAgo(31));
  await ask("fresh@example.org", daysAgo(3));
  await ask("again@example.org", daysAgo(40));
  await ask("again@example.org", daysAgo(1));
  for (const [address, left] of [
    ["reads@example.org", null],
    ["left@example.org", 61],
    ["leaving@example.org", 5],
  ] as const) {
    const { requestId } = await ask(address, daysAgo(200));
    const id = (await store.subscriptions.confirm(requestId, daysAgo(200))) as string;
    if (left !== null) await store.subscriptions.unsubscribe(id, daysAgo(left));
  }
  await sql.query("UPDATE subscriptions SET created_at = $1", [daysAgo(200)]);
  await store.suppressions.add("left@example.org", "complaint", null);
  expect(await store.retention.forget(KEPT, now)).toMatchObject({ requests: 1, unsubscribed: 1 });
  expect(await addresses()).toEqual([
    "again@example.org",
    "fresh@example.org",
    "leaving@example.org",
    "reads@example.org",
  ]);
  expect(await store.suppressions.among(["left@example.org"])).toEqual(new Set(["left@example.org"]));
});

describe("mails that are over and old", () => {
  /** A digest of the reader who reads, and its delivery; `status` null when the delivery is forgotten already. */
  const add = async (edition: string, status: string | null, at: Date) => {
    const { rows } = await sql.query(
      `INSERT INTO digests (subscription_id, edition, planned_at)
       SELECT s.id, $1, $2 FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id WHERE r.email = 'reads@example.org'
       RETURNING id, subscription_id`,
      [edition, at],
    );
    if (status === null) return;
    await sql.query(
      `INSERT INTO deliveries (id, subscription_id, kind, edition, status, planned_at)
       VALUES ($1, $2, 'digest', $3, $4::delivery_status, $5)`,
      [rows[0].id, rows[0].subscription_id, edition, status, at],
    );
  };
  const left = async (table: "digests" | "deliveries") =>
    (await sql.query(`SELECT edition FROM ${table} ORDER BY edition`)).rows.map(({ edition }) => edition);

  it.each([
    [
      "digests",
      { digests: 60, deliveries: 100 },
      ["fresh", "open", "unsettled"],
      ["fresh", "old", "open", "unsettled"],
    ],
    [
      "deliveries",
      { digests: 100, deliveries: 60 },
      ["bare", "fresh", "old", "open", "unsettled"],
      ["fresh", "open", "unsettled"],
    ],
  ] as const)(
    "are forgotten, %s before the other, and none that is open or to be settled",
    async (_, days, digests, deliveries) => {
      await sql.query("TRUNCATE deliveries, digests CASCADE");
      await add("old", "submitted", daysAgo(61));
      await add("fresh", "submitted", daysAgo(59));
      await add("open", "deferred", daysAgo(101));
      await add("unsettled", "unknown", daysAgo(101));
      await add("bare", null, daysAgo(61));
      await store.retention.forget({ ...KEPT, ...days }, now);
      expect(await left("digests")).toEqual(digests);
      expect(await left("deliveries")).toEqual(deliveries);
    },
  );
});

it("forgets runs of sources, and counts of the form whose time is over", async () => {
  const source = { name: "lab", kind: "feed", config: {}, everyMinutes: 60 };
  await store.sources.add(source, daysAgo(200));
  for (const at of [daysAgo(91), daysAgo(1)]) {
    const { id } = (await store.sources.claim({ now: at, leaseSeconds: 1, name: "lab" })) as { id: number };
    await store.sources.finish(id, {
      ...{ startedAt: at, endedAt: at, outcome: "ok" as const, reason: null, nextRunAt: null, batch: null },
      ...{ read: 0, created: 0, updated: 0, unchanged: 0, refused: 0 },
    });
  }
  await store.throttles.count({ name: "visitor", most: 1, windowMs: 1_000 }, "somebody", daysAgo(1));
  expect(await store.retention.forget(KEPT, now)).toMatchObject({ runs: 1 });
  expect((await sql.query("SELECT FROM throttles")).rowCount).toBe(0);
});

it("counts from the first time that a reader left, however often they say it", async () => {
  const { requestId } = await ask("twice@example.org", daysAgo(200));
  const id = (await store.subscriptions.confirm(requestId, daysAgo(200))) as string;
  for (const days of [70, 10]) await store.subscriptions.unsubscribe(id, daysAgo(days));
  expect((await store.subscriptions.find(id))?.unsubscribedAt).toEqual(daysAgo(70));
});

it("keeps what a reader confirmed, and from where: it is the evidence that they agreed", async () => {
  const { requestId } = await ask("agreed@example.org", daysAgo(300));
  await store.subscriptions.confirm(requestId, daysAgo(300), "192.0.2.7");
  await store.retention.forget(KEPT, now);
  expect(await store.subscriptions.findRequest(requestId)).toMatchObject({ confirmedAt: daysAgo(300) });
});
