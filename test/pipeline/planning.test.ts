import { DAY_MS } from "@paperboy/core";
import { openLibrary, type Store } from "@paperboy/db";
import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { openTestStore } from "@paperboy/harness/store";
import { plan } from "@paperboy/worker";
import type pg from "pg";
import { beforeAll, beforeEach, expect, it } from "vitest";

let store: Store;
let sql: pg.Pool;
const confirmed = new Date("2026-11-01T06:00:00Z");
const morning = (day: number) => new Date(confirmed.getTime() + day * DAY_MS);
const plannedAt = (day: number) => new Date(morning(day).getTime() + 2 * 3_600_000);

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});
beforeEach(() => sql.query("TRUNCATE subscribers, papers, sources, markers CASCADE"));

/** What was planned goes out, so that later editions owe nothing. */
const goOut = () => sql.query("UPDATE deliveries SET status = 'submitted' WHERE status = 'pending'");

const timesBrought = async () =>
  (
    await sql.query<{ id: number; times: number }>(
      `SELECT p.id, (SELECT count(*)::int FROM digests g WHERE p.id = ANY(g.paper_ids)) AS times FROM papers p ORDER BY id`,
    )
  ).rows.map(({ times }) => times);

it("brings a paper that is announced while a planning runs with the next one, to each reader once", async () => {
  await addReaders(store, 6, confirmed, GATE_ORDER);
  await publish(store, gatePapers(1, 0), morning(1));
  const library = openLibrary(store);
  const pageByPage: Store = {
    ...store,
    planPage: (page, decide) => store.planPage({ ...page, limit: 1 }, decide),
  };
  let pages = 0;
  const planned = async () => {
    if (pages++ > 0) return;
    await publish(store, gatePapers(1, 1), plannedAt(1));
    await library.refresh();
  };
  await plan(pageByPage, library, plannedAt(1), { planned });
  expect(pages).toBe(6);
  expect(await timesBrought()).toEqual([6, 0]);
  await goOut();
  await plan(store, library, plannedAt(2));
  await goOut();
  await plan(store, library, plannedAt(3));
  expect(await timesBrought()).toEqual([6, 6]);
});

it("knows a paper that an edition brought by the one it was merged into", async () => {
  await addReaders(store, 1, confirmed, GATE_ORDER);
  await publish(store, gatePapers(2, 0), morning(1));
  const library = openLibrary(store);
  await plan(store, library, plannedAt(1));
  await goOut();
  await sql.query("UPDATE subscriptions SET watermark = 0");
  await publish(store, gatePapers(1, 2), morning(2));
  const ids = (await sql.query<{ id: number }>("SELECT id FROM papers ORDER BY id")).rows.map(({ id }) => id);
  await sql.query("UPDATE papers SET merged_into = $1, updated_at = clock_timestamp() WHERE id = $2", [
    ids[2],
    ids[0],
  ]);
  const { planned } = await plan(store, openLibrary(store), plannedAt(2));
  expect(planned).toBe(0);
});
