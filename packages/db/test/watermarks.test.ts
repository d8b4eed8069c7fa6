import type { Store } from "@paperboy/db";
import { addReaders, gatePapers, publish } from "@paperboy/harness/readers";
import { openTestStore } from "@paperboy/harness/store";
import type pg from "pg";
import { beforeAll, expect, it } from "vitest";

let store: Store;
let sql: pg.Pool;
const now = new Date("2026-11-24T07:00:00Z");

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});

it("gives no seq a second time though its paper is gone, for readers have passed it", async () => {
  await publish(store, gatePapers(3), new Date("2026-11-01T07:00:00Z"));
  await addReaders(store, 1, now);
  await sql.query("DELETE FROM papers WHERE seq > 1");
  await publish(store, gatePapers(1, 10), now);
  expect((await store.papers.announcedAfter(0, 10)).map(({ seq }) => seq)).toEqual([1, 4]);
});

it("who comes back gets what is new from here on, not the papers of the time in between", async () => {
  const [id] = await addReaders(store, 1, now);
  await store.subscriptions.unsubscribe(id as string, now);
  const back = new Date("2026-11-26T08:00:00Z");
  await publish(store, gatePapers(2, 20), new Date("2026-11-25T07:00:00Z"));
  const [newest] = (await store.papers.announcedAfter(0, 100)).slice(-1);
  await store.subscriptions.resume(id as string, back);
  const watermarks: number[] = [];
  await store.planPage({ now: new Date("2026-11-27T08:00:00Z"), limit: 10, seenFromSeq: 1 }, (due) => {
    for (const each of due) if (each.id === id) watermarks.push(each.watermark);
    return [];
  });
  expect(watermarks).toEqual([newest?.seq]);
});
