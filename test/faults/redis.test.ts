import { eventually } from "@paperboy/harness/eventually";
import { MORNING, type Morning, openMorning, workerSettings } from "@paperboy/harness/morning";
import { redisSuite, startRedis, type TestRedis } from "@paperboy/harness/redis";
import { type Relay, startRelay } from "@paperboy/harness/relay";
import { startTestWorker, type TestWorker } from "@paperboy/harness/worker";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

/** Enough for three jobs, of which a worker takes two at once: the hint of the third can be lost. */
const READERS = 420;
/** Enough for one. */
const FEW = 40;

redisSuite("Redis, in the middle of a morning", () => {
  let morning: Morning;
  let relay: Relay;
  let redis: TestRedis;
  let worker: TestWorker;

  beforeAll(async () => {
    morning = await openMorning();
  });
  afterAll(() => morning.close());
  beforeEach(async () => {
    redis = await startRedis();
    relay = await startRelay();
  });
  afterEach(async () => {
    await worker.close();
    await redis.stop();
    await relay.close();
  });

  const startOn = async ({ url }: TestRedis) => {
    worker = await startTestWorker(
      workerSettings(morning.databaseUrl, relay.url),
      { kind: "redis", url },
      () => MORNING,
    );
  };
  const killAndBringBack = async () => {
    await redis.kill();
    redis = await startRedis({ port: Number(new URL(redis.url).port) });
  };
  const everyMailGoesOutOnce = (readers: number) => {
    const allOnce = { submitted: readers, readers, twice: 0 };
    return eventually(async () => expect(await morning.reconcile(relay.taken)).toEqual(allOnce));
  };

  /** Lets no mail pass its dot until what is to happen has happened, while a job is still waiting. */
  async function meanwhile(happen: () => Promise<void>): Promise<void> {
    let happened: Promise<void> | undefined;
    const whileAJobWaits = async () => {
      await eventually(async () => expect((await worker.queue.counts()).deliver.waiting).toBeGreaterThan(0));
      await happen();
    };
    await new Promise<void>((resolve, reject) => {
      relay.mood = async (point) => {
        if (point !== "dot") return undefined;
        happened ??= whileAJobWaits();
        await happened.then(resolve, reject);
        return undefined;
      };
    });
  }

  it("emptied (FLUSHALL): hints and schedules are gone, and every mail goes out once", async () => {
    await morning.begin(READERS);
    await startOn(redis);
    await meanwhile(async () => expect(await redis.command("FLUSHALL")).toBe("+OK"));
    await everyMailGoesOutOnce(READERS);
  });

  it("killed and back, empty: every mail goes out once", async () => {
    await morning.begin(READERS);
    await startOn(redis);
    await meanwhile(killAndBringBack);
    await everyMailGoesOutOnce(READERS);
  });

  it("away when editions are planned: they are planned, and go out when it is back", async () => {
    await morning.begin(FEW);
    const blocker = await morning.sql.connect();
    await blocker.query("BEGIN; LOCK TABLE topics IN ACCESS EXCLUSIVE MODE");
    await startOn(redis);
    await eventually(async () => {
      const { rows } = await morning.sql.query(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      expect(rows.length).toBeGreaterThan(0); // pages are planned two at a time
    });
    await redis.kill();
    await blocker.query("ROLLBACK");
    blocker.release();
    await eventually(async () =>
      expect(await morning.reconcile([])).toEqual({ pending: FEW, readers: 0, twice: 0 }),
    );
    for (let hint = 0; hint < 2; hint++) {
      await expect(worker.queue.add("sweep", {})).rejects.toThrow(); // and so were those of the planner
    }
    redis = await startRedis({ port: Number(new URL(redis.url).port) });
    await everyMailGoesOutOnce(FEW);
  });
});
