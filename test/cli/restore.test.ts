import { HOUR_MS, MINUTE_MS } from "@paperboy/core";
import { openLibrary } from "@paperboy/db";
import { runCommand } from "@paperboy/harness/paperboy";
import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { openTestStore, type TestStore } from "@paperboy/harness/store";
import { plan } from "@paperboy/worker";
import { afterAll, beforeAll, expect, it } from "vitest";

const READERS = 3;
let test: TestStore;

beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.close());

const restore = (instant: string, ...more: string[]) =>
  runCommand(["restore", "--sent-until", instant, ...more], { DATABASE_URL: test.database.url });
const statuses = async () =>
  (await test.sql.query("SELECT status FROM deliveries ORDER BY id")).rows.map(({ status }) => status);

it.each([
  ["yesterday", /--sent-until.*yesterday/],
  ["2999-01-01T00:00:00Z", /--sent-until: 2999-01-01T00:00:00Z is still to come/],
])("refuses %s, and marks nothing", async (instant, says) => {
  const { code, stderr } = await restore(instant);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/\n\s+at /);
});

it("marks what had gone out, what was not even planned too, and leaves later mails alone", async () => {
  const { store } = test;
  const now = Date.now();
  const due = new Date(Math.floor((now - 3 * HOUR_MS) / MINUTE_MS) * MINUTE_MS);
  const localMinute = due.getUTCHours() * 60 + due.getUTCMinutes();
  await addReaders(store, READERS, new Date(due.getTime() - 2 * HOUR_MS), { ...GATE_ORDER, localMinute });
  await publish(store, gatePapers(2), new Date(due.getTime() - HOUR_MS));

  // Their confirmations: nobody is asked once more.
  const before = await restore(new Date(due.getTime() - 1000).toISOString(), "--json");
  expect(JSON.parse(before.stdout)).toEqual({ planned: 0, marked: READERS });
  const after = await restore(due.toISOString(), "--json");
  expect(JSON.parse(after.stdout)).toEqual({ planned: READERS, marked: READERS });
  expect(await statuses()).toEqual(Array(2 * READERS).fill("submitted"));

  expect(await plan(store, openLibrary(store), new Date(now))).toMatchObject({ planned: 0 });
});
