import { randomUUID } from "node:crypto";
import {
  type Consumer,
  JobFailed,
  type JobHandlers,
  jobNames,
  openQueue,
  type Queue,
  type QueueBackend,
  type QueueOptions,
} from "@paperboy/queue";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/harness/database.ts";
import { eventually } from "../../../test/harness/eventually.ts";
import { redisSuite, startRedis, type TestRedis } from "../../../test/harness/redis.ts";
import { deferred, handlers, idle } from "./handlers.ts";
import { cutConnections, loseEverything, loseJobs } from "./losses.ts";

interface Server {
  readonly backend: QueueBackend;
  stop(): Promise<void>;
}

const onPostgres = async (): Promise<Server> => {
  const database: TestDatabase = await createTestDatabase();
  return { backend: { kind: "postgres", url: database.url }, stop: database.close };
};

const onRedis = async (): Promise<Server> => {
  const redis: TestRedis = await startRedis();
  return { backend: { kind: "redis", url: redis.url }, stop: redis.stop };
};

describe("queue on PostgreSQL", () => contract(onPostgres));
redisSuite("queue on Redis", () => contract(onRedis));

function contract(start: () => Promise<Server>): void {
  let server: Server;
  const opened: Queue[] = [];
  const errors: Error[] = [];

  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
    expect(errors.splice(0).filter((error) => !(error instanceof JobFailed))).toEqual([]);
  });

  const open = async (name: string, options: Partial<QueueOptions> = {}): Promise<Queue> => {
    const retry = { attempts: 3, delayMs: 5 };
    const onError = (error: Error) => void errors.push(error);
    const queue = await openQueue({ backend: server.backend, name, onError, retry, ...options });
    opened.push(queue);
    return queue;
  };
  const openOne = (options?: Partial<QueueOptions>) => open(`t-${randomUUID()}`, options);

  it("hands each job's ids to the handler of its name", async () => {
    const queue = await openOne();
    const seen: unknown[] = [];
    const note = (name: string) => async (payload: unknown) => void seen.push([name, payload]);
    const handlers = Object.fromEntries(jobNames.map((name) => [name, note(name)])) as unknown as JobHandlers;
    await queue.work(handlers);
    await queue.add("deliver", { deliveryIds: ["7", "8"] });
    await queue.add("plan", {});
    await eventually(() => expect(seen).toHaveLength(2));
    expect(seen).toEqual(
      expect.arrayContaining([
        ["deliver", { deliveryIds: ["7", "8"] }],
        ["plan", {}],
      ]),
    );
  });

  it("takes jobs that were added before anyone worked", async () => {
    const queue = await openOne();
    await queue.add("sweep", {});
    expect((await queue.counts()).sweep).toEqual({ waiting: 1, active: 0, delayed: 0 });
    const sweep = vi.fn(idle);
    await queue.work(handlers({ sweep }));
    await eventually(() => expect(sweep).toHaveBeenCalledTimes(1));
    await eventually(async () =>
      expect((await queue.counts()).sweep).toEqual({ waiting: 0, active: 0, delayed: 0 }),
    );
  });

  it("makes one job of one id while it waits, and takes the id again once the job has ended", async () => {
    const queue = await openOne();
    for (const jobId of ["12", "12", "a:b", "a:b"])
      await queue.add("deliver", { deliveryIds: ["1"] }, { jobId });
    expect((await queue.counts()).deliver.waiting).toBe(2);
    const deliver = vi.fn(idle);
    await queue.work(handlers({ deliver }));
    await eventually(() => expect(deliver).toHaveBeenCalledTimes(2));
    await eventually(async () => expect((await queue.counts()).deliver.active).toBe(0));
    await queue.add("deliver", { deliveryIds: ["1"] }, { jobId: "12" });
    await eventually(() => expect(deliver).toHaveBeenCalledTimes(3));
  });

  it("tries a failing job again, then gives it up and frees its id", async () => {
    const queue = await openOne();
    const announce = vi.fn(async () => {
      throw new Error("no paper today");
    });
    await queue.work(handlers({ announce }));
    await queue.add("announce", {}, { jobId: "once" });
    await eventually(() => expect(errors).toHaveLength(3));
    expect(errors).toMatchObject([
      { job: "announce", attempt: 1, dropped: false, cause: { message: "no paper today" } },
      { attempt: 2, dropped: false },
      { attempt: 3, dropped: true },
    ]);
    expect((await queue.counts()).announce).toEqual({ waiting: 0, active: 0, delayed: 0 });
    await queue.add("announce", {}, { jobId: "once" });
    await eventually(() => expect(announce.mock.calls.length).toBeGreaterThan(3));
    await eventually(() => expect(errors).toHaveLength(6));
  });

  it("holds a delayed job back until its time", async () => {
    const queue = await openOne();
    const due = Date.now() + 700;
    await queue.add("sweep", {}, { delayMs: 700 });
    expect((await queue.counts()).sweep).toEqual({ waiting: 0, active: 0, delayed: 1 });
    const ran: number[] = [];
    await queue.work(handlers({ sweep: async () => void ran.push(Date.now()) }));
    await eventually(() => expect(ran).toHaveLength(1));
    expect(ran[0]).toBeGreaterThanOrEqual(due - 5);
  });

  it("lets a lower priority number go first", async () => {
    const queue = await openOne();
    await queue.add("deliver", { deliveryIds: ["last"] }, { priority: 9 });
    await queue.add("deliver", { deliveryIds: ["second"] }, { priority: 1 });
    await queue.add("deliver", { deliveryIds: ["first"] });
    const order: string[] = [];
    await queue.work(handlers({ deliver: async ({ deliveryIds }) => void order.push(...deliveryIds) }));
    await eventually(() => expect(order).toEqual(["first", "second", "last"]));
  });

  it("runs a repeating job at once, and not again before its period is over", async () => {
    const name = `t-${randomUUID()}`;
    const [one, two] = await Promise.all([open(name), open(name)]);
    await one.every("plan", 3_600_000);
    await two.every("plan", 3_600_000);
    const plan = vi.fn(idle);
    await one.work(handlers({ plan }));
    await two.work(handlers({ plan }));
    const scheduled = { waiting: 0, active: 0, delayed: 1 };
    await eventually(async () => expect((await one.counts()).plan).toEqual(scheduled));
    expect(plan).toHaveBeenCalledTimes(1);
    await two.every("plan", 100);
    await eventually(() => expect(plan.mock.calls.length).toBeGreaterThan(4));
  });

  it("keeps one schedule for processes that start at the same moment", async () => {
    const name = `t-${randomUUID()}`;
    const queues = await Promise.all([open(name), open(name), open(name)]);
    const ran: number[] = [];
    const plan = async () => void ran.push(performance.now());
    await Promise.all(queues.map((queue) => queue.every("plan", 200)));
    await Promise.all(queues.map((queue) => queue.work(handlers({ plan }))));
    await eventually(() => expect(ran.length).toBeGreaterThan(11));
    // Each start may add one run at the very beginning; a schedule of its own would keep adding.
    expect((ran[11] ?? 0) - (ran[2] ?? 0)).toBeGreaterThan(9 * 200 * 0.8);
  });

  it("shares the work between two consumers", async () => {
    const name = `t-${randomUUID()}`;
    const [one, two] = await Promise.all([open(name), open(name)]);
    const took: Record<string, number[]> = { one: [], two: [] };
    const worker = (who: string) =>
      handlers({ deliver: async ({ deliveryIds }) => void took[who]?.push(Number(deliveryIds[0])) });
    await one.work(worker("one"));
    await two.work(worker("two"));
    await Promise.all(
      Array.from({ length: 200 }, (_, sourceId) => one.add("deliver", { deliveryIds: [String(sourceId)] })),
    );
    const all = () => [...(took.one ?? []), ...(took.two ?? [])];
    await eventually(() => expect(all()).toHaveLength(200));
    expect(new Set(all()).size).toBe(200);
    expect(took.one?.length).toBeGreaterThan(0);
    expect(took.two?.length).toBeGreaterThan(0);
  });

  it("works only on the names it is told to, as many at once as it is told to", async () => {
    const queue = await openOne();
    const gate = deferred();
    let inside = 0;
    let most = 0;
    const deliver = async () => {
      most = Math.max(most, ++inside);
      await gate.promise;
      inside--;
    };
    const plan = vi.fn(idle);
    await queue.work(handlers({ deliver, plan }), { names: ["deliver"], concurrency: { deliver: 3 } });
    await queue.add("plan", {});
    for (let n = 0; n < 6; n++) await queue.add("deliver", { deliveryIds: [] });
    await eventually(async () =>
      expect((await queue.counts()).deliver).toMatchObject({ active: 3, waiting: 3 }),
    );
    gate.resolve();
    await eventually(async () =>
      expect((await queue.counts()).deliver).toMatchObject({ active: 0, waiting: 0 }),
    );
    expect(most).toBe(3);
    expect(plan).not.toHaveBeenCalled();
  });

  it("drains on close: a running handler ends, is told to hurry, and nothing new begins", async () => {
    const queue = await openOne();
    const gate = deferred();
    const started = deferred();
    const ended: string[] = [];
    const hurry = vi.fn();
    const deliver: JobHandlers["deliver"] = async ({ deliveryIds }, signal) => {
      signal.addEventListener("abort", hurry);
      started.resolve();
      await gate.promise;
      ended.push(...deliveryIds);
    };
    const consumer: Consumer = await queue.work(handlers({ deliver }));
    await queue.add("deliver", { deliveryIds: ["running"] });
    await queue.add("deliver", { deliveryIds: ["waiting"] });
    await started.promise;
    const closed = consumer.close();
    expect(hurry).toHaveBeenCalledOnce();
    expect(ended).toEqual([]);
    gate.resolve();
    await closed;
    expect(ended).toEqual(["running"]);
    expect((await queue.counts()).deliver).toEqual({ waiting: 1, active: 0, delayed: 0 });
  });

  it("continues after every job and schedule was lost", async () => {
    const queue = await openOne();
    const plan = vi.fn(idle);
    const sweep = vi.fn(idle);
    await queue.work(handlers({ plan, sweep }));
    await queue.every("plan", 1000);
    await eventually(() => expect(plan).toHaveBeenCalled());
    await queue.add("sweep", {}, { delayMs: 3_600_000, jobId: "lost" });
    await loseEverything(server.backend);
    const before = plan.mock.calls.length;
    await queue.add("sweep", {}, { jobId: "lost" });
    await eventually(() => expect(sweep).toHaveBeenCalledTimes(1));
    await eventually(() => expect(plan.mock.calls.length).toBeGreaterThan(before + 1));
  });

  it("revives a schedule whose next job was lost", async () => {
    const queue = await openOne();
    const plan = vi.fn(idle);
    await queue.work(handlers({ plan }));
    await queue.every("plan", 500);
    await eventually(() => expect(plan).toHaveBeenCalled());
    await loseJobs(server.backend);
    const before = plan.mock.calls.length;
    await eventually(() => expect(plan.mock.calls.length).toBeGreaterThan(before + 1));
  });

  it("keeps working after all its connections were cut", async () => {
    const queue = await openOne();
    const deliver = vi.fn(idle);
    await queue.work(handlers({ deliver }));
    await queue.add("deliver", { deliveryIds: ["1"] });
    await eventually(() => expect(deliver).toHaveBeenCalledTimes(1));
    await cutConnections(server.backend);
    await eventually(() => queue.add("deliver", { deliveryIds: ["2"] }, { jobId: "after the cut" }));
    await eventually(() => expect(deliver).toHaveBeenCalledTimes(2));
    errors.length = 0;
  });

  it("refuses a handler too few or too many", async () => {
    const queue = await openOne();
    const { plan, ...rest } = handlers({});
    await expect(queue.work(rest as JobHandlers)).rejects.toThrow('no handler for job "plan"');
    const extra = { ...rest, plan, polish: idle } as JobHandlers;
    await expect(queue.work(extra)).rejects.toThrow('a handler for "polish", which is not a job');
  });

  it("answers a ping, and closes twice without complaint", async () => {
    const queue = await openOne();
    await queue.ping();
    await Promise.all([queue.close(), queue.close()]);
    await expect(queue.ping()).rejects.toThrow("the queue did not answer");
  });
}
