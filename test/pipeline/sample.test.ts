import { openLibrary } from "@paperboy/db";
import { openTestStore, type TestStore } from "@paperboy/harness/store";
import { samplePapers } from "@paperboy/sources";
import { plan } from "@paperboy/worker";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Runtime } from "../../apps/cli/src/context.ts";
import { ingestSample, retireSample } from "../../apps/cli/src/runtime/sample.ts";

const MORNING = new Date("2026-11-24T09:00:00Z");
const later = (days: number) => new Date(MORNING.getTime() + days * 86_400_000);

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

const runtime = (env: Record<string, string>) =>
  ({ store: test.store, config: { env } }) as unknown as Runtime;
const ignore = () => {};

async function takeSample(): Promise<void> {
  await test.store.ingest({ name: "sample", kind: "sample" }, samplePapers(MORNING), MORNING);
  await test.store.papers.announce(MORNING);
}

async function subscribe(email: string, query: string, now: Date): Promise<void> {
  const order = {
    topics: [{ name: query, query }],
    trending: true,
    cadence: "daily" as const,
    weekday: 1,
    localMinute: 0,
    timezone: "UTC",
    maxPapers: 5,
  };
  const { requestId } = await test.store.subscriptions.request({ address: email, key: email }, order, now);
  await test.store.subscriptions.confirm(requestId, now);
}

/** The papers planned for each reader at an instant. */
async function planned(now: Date): Promise<Map<string, number[]>> {
  await plan(test.store, openLibrary(test.store), now);
  const { rows } = await test.sql.query(
    `SELECT r.email, g.paper_ids FROM digests g JOIN subscriptions s ON s.id = g.subscription_id
     JOIN subscribers r ON r.id = s.subscriber_id WHERE g.edition = $1`,
    [now.toISOString().slice(0, 10)],
  );
  return new Map(rows.map((row) => [row.email, row.paper_ids]));
}

describe("the sample", () => {
  it.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ SMTP_URL: "smtp://relay.example.org" }, false],
    [{ SMTP_URL: "smtp://127.0.0.1:25" }, false],
    [{ DATABASE_URL: "postgresql://db.example.org/papers" }, false],
    [{ DATABASE_URL: "postgresql://db.example.org/papers", SMTP_URL: "smtp://relay.example.org" }, false],
  ])("with the settings %j is brought: %s", async (env, brought) => {
    await ingestSample(runtime(env), ignore);
    expect((await test.store.papers.count()) > 0).toBe(brought);
  });

  it("is not brought where there is a paper, nor a second time once it was removed", async () => {
    await ingestSample(runtime({}), ignore);
    const brought = await test.store.papers.count();
    expect(await test.store.sample.remove()).toEqual({ removed: brought, kept: 0 });
    expect(await test.store.papers.count()).toBe(0);
    await ingestSample(runtime({}), ignore);
    expect(await test.store.papers.count()).toBe(0);
    expect(await test.store.sample.remove()).toEqual({ removed: 0, kept: 0 });
  });

  it("is never planned where there is a relay, by topic or as trending", async () => {
    await takeSample();
    await subscribe("ada@example.org", "model OR attention OR learning", MORNING);
    await retireSample(runtime({ SMTP_URL: "smtp://relay.example.org" }), ignore);
    expect((await planned(later(1))).get("ada@example.org") ?? []).toEqual([]);
  });

  it("stays while mails go to the local inbox", async () => {
    await takeSample();
    await subscribe("ada@example.org", "model OR attention OR learning", MORNING);
    await retireSample(runtime({}), ignore);
    expect((await planned(later(1))).get("ada@example.org")).toHaveLength(5);
  });
});

describe("removing it", () => {
  it("keeps what a reader has had for that digest, brings it to nobody again, and takes the rest away", async () => {
    await takeSample();
    await subscribe("ada@example.org", "model OR attention OR learning", MORNING);
    const had = (await planned(later(1))).get("ada@example.org") as number[];
    expect(had).toHaveLength(5);
    const all = await test.store.papers.count();
    expect(await test.store.sample.remove()).toEqual({ removed: all - 5, kept: 5 });
    expect((await test.store.papers.byIds(had)).map(({ title }) => title)).not.toContain("");
    expect(await test.store.papers.count()).toBe(5);
    await subscribe("bob@example.org", "model OR attention OR learning", later(1));
    const next = await planned(later(2));
    expect([...next.values()].flat()).toEqual([]);
  });

  it("leaves an index that is running within its next look", async () => {
    await takeSample();
    const library = openLibrary(test.store);
    await library.refresh();
    expect(library.matchesAbove("model", 0).length).toBeGreaterThan(0);
    await test.store.sample.remove();
    await library.refresh();
    expect(library.matchesAbove("model", 0)).toEqual([]);
  });

  it("leaves papers that a real source has shown too, and makes one anew that a source lists later", async () => {
    await takeSample();
    const [listed, unlisted] = samplePapers(MORNING);
    if (listed === undefined || unlisted === undefined) throw new Error("the sample is empty");
    const arxiv = { name: "arxiv", kind: "arxiv-rss" };
    await test.store.ingest(arxiv, [listed], later(1));
    const all = await test.store.papers.count();
    expect(await test.store.sample.remove()).toEqual({ removed: all - 1, kept: 0 });
    await subscribe("ada@example.org", "model OR attention OR learning", later(1));
    expect(await test.store.ingest(arxiv, [{ ...unlisted, observedAt: later(1) }], later(1))).toMatchObject({
      new: 1,
    });
    await test.store.papers.announce(later(1));
    expect(await test.store.papers.count()).toBe(2);
  });

  it("is complete a day later", async () => {
    await takeSample();
    await test.store.sample.remove();
    const days = { digests: 400, deliveries: 400, requests: 30, unsubscribed: 365, runs: 90 };
    await test.store.retention.forget(days, new Date(Date.now() + 2 * 86_400_000));
    expect((await test.sql.query("SELECT count(*)::int AS n FROM papers")).rows[0].n).toBe(0);
  });
});
