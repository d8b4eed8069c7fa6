import type { Store } from "@paperboy/db";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestStore } from "../../../test/harness/store.ts";

let store: Store;
let sql: pg.Pool;
const now = new Date("2026-11-24T07:00:00Z");

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, sql } = opened);
  return opened.close;
});
beforeEach(() => sql.query("TRUNCATE sources CASCADE"));

const add = (name: string, kind: string, config: object = {}) =>
  store.sources.add({ name, kind, config: { ...config }, everyMinutes: 60 }, now);
const claim = (name?: string, more: object = {}) =>
  store.sources.claim({ now, leaseSeconds: 60, ...(name !== undefined && { name }), ...more });
const held = async (name?: string, more: object = {}) =>
  (await claim(name, more)) as { id: number; name: string };
const over = (id: number) =>
  store.sources.finish(id, {
    ...{ startedAt: now, endedAt: now, outcome: "ok", reason: null, batch: null },
    ...{ read: 0, created: 0, updated: 0, unchanged: 0, refused: 0 },
    nextRunAt: new Date(now.getTime() + 3_600_000),
  });
/** Lets the pause after a reading pass. */
const passPause = () => sql.query("UPDATE sources SET lease_until = lease_until - interval '5 seconds'");

describe("sources that ask arXiv", () => {
  it("are given out one at a time, whoever asks, and not before a pause", async () => {
    await add("a", "arxiv-rss", { query: "cs.CL" });
    await add("b", "arxiv-oai");
    await add("c", "feed", { url: "https://rss.arxiv.org/atom/cs.AI" });
    await add("other", "feed", { url: "https://notarxiv.org/feed" });
    const taken = await Promise.all(Array.from({ length: 8 }, () => claim()));
    const names = taken.flatMap((source) => (source !== null && "name" in source ? source.name : []));
    expect(names.sort()).toEqual(["a", "other"]);
    expect(await claim("b")).toBeNull();
    const [a] = taken.filter((source) => source !== null && "name" in source && source.name === "a");
    await over((a as { id: number }).id);
    expect(await claim()).toBeNull();
    const rest = (await claim("b")) as { restMs: number };
    expect(rest.restMs).toBeGreaterThan(0);
    expect(rest.restMs).toBeLessThanOrEqual(4_000);
    await passPause();
    expect((await held()).name).toBe("b");
    expect(await claim("c")).toBeNull();
  });

  it("may be read while another one asks a mirror, and after a worker that died", async () => {
    await add("mirror", "arxiv-api", { url: "https://mirror.example.org/api/query", query: "cat:cs.CL" });
    await add("a", "arxiv-rss", { query: "cs.CL" });
    expect((await held("mirror")).name).toBe("mirror");
    expect((await held("a")).name).toBe("a");
    await add("b", "arxiv-oai");
    expect((await held("b", { asksElsewhere: true })).name).toBe("b");
    await sql.query("UPDATE sources SET lease_until = now() - interval '1 second' WHERE name = 'a'");
    await sql.query("UPDATE sources SET lease_until = NULL WHERE name = 'b'");
    expect((await held("b")).name).toBe("b");
  });

  it("that were only looked at leave their run times alone, and the pause behind them", async () => {
    await add("a", "arxiv-rss", { query: "cs.CL" });
    const { id } = await held("a");
    await store.sources.release(id);
    expect((await store.sources.list(now))[0]).toMatchObject({ lastRunAt: null, nextRunAt: now });
    expect(await claim("a")).toMatchObject({ restMs: expect.any(Number) });
  });
});

it("a source that rests for nobody is free at once", async () => {
  await add("lab", "feed", { url: "https://lab.example.org/feed" });
  await over((await held("lab")).id);
  expect((await held("lab")).name).toBe("lab");
});

it("the runs of a source are those of the month before the time that is asked about, whatever time it is", async () => {
  await add("lab", "feed", { url: "https://lab.example.org/feed" });
  await over((await held("lab")).id);
  const runsSeen = async (days: number) => {
    const at = new Date(now.getTime() + days * 86_400_000);
    const [[listed], [judged]] = await Promise.all([store.sources.list(at), store.sources.health(at)]);
    return [listed?.runs.length, judged?.runs.length];
  };
  await sql.query("UPDATE source_runs SET started_at = started_at - interval '2 years'");
  expect(await runsSeen(-730)).toEqual([1, 1]);
  expect(await runsSeen(-690)).toEqual([0, 0]);
});

it("what arXiv announced on a day stays known when comparing it again finds less; what is missing does not", async () => {
  await add("a", "arxiv-rss", { query: "cs.CL" });
  const { id } = await held("a");
  const compared = (announced: string[], missing: string[], complete: boolean) => ({
    ...{ category: "cs.CL", day: "2026-11-23", announced, filled: [], missing, complete },
    ...{ faults: complete ? [] : ["the API did not answer"], closed: false },
  });
  await store.sources.finishReconcile(id, [compared(["2611.1", "2611.2"], ["2611.2"], true)], now, now);
  await store.sources.finishReconcile(id, [compared(["2611.2", "2611.3"], [], false)], now, now);
  const [day] = await store.sources.knownDays(id, "2026-11-23");
  expect([[...(day?.announced ?? [])].sort(), day?.missing]).toEqual([["2611.1", "2611.2", "2611.3"], []]);
  const [health] = await store.sources.health(now);
  expect(health?.days).toMatchObject([{ comparedAt: now, faults: ["the API did not answer"] }]);
});
