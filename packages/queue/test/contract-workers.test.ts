import { deferred } from "@paperboy/harness/deferred";
import { eventually } from "@paperboy/harness/eventually";
import { redisSuite } from "@paperboy/harness/redis";
import type { Consumer, JobHandlers } from "@paperboy/queue";
import { describe, expect, it, vi } from "vitest";
import { onPostgres, onRedis, queuesOn, type Server } from "./backends.ts";
import { handlers, idle } from "./handlers.ts";
import { cutConnections, loseEverything, loseJobs } from "./losses.ts";

describe("a queue's workers on PostgreSQL", () => contract(onPostgres));
redisSuite("a queue's workers on Redis", () => contract(onRedis));

function contract(start: () => Promise<Server>): void {
  const { openOne, server, errors } = queuesOn(start);

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
    await loseEverything(server().backend);
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
    await loseJobs(server().backend);
    const before = plan.mock.calls.length;
    await eventually(() => expect(plan.mock.calls.length).toBeGreaterThan(before + 1));
  });

  it("keeps working after all its connections were cut", async () => {
    const queue = await openOne();
    const deliver = vi.fn(idle);
    await queue.work(handlers({ deliver }));
    await queue.add("deliver", { deliveryIds: ["1"] });
    await eventually(() => expect(deliver).toHaveBeenCalledTimes(1));
    await cutConnections(server().backend);
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
