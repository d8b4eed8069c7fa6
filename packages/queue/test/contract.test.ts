import { randomUUID } from "node:crypto";
import { type JobHandlers, jobNames } from "@paperboy/queue";
import { describe, expect, it, vi } from "vitest";
import { eventually } from "../../../test/harness/eventually.ts";
import { redisSuite } from "../../../test/harness/redis.ts";
import { onPostgres, onRedis, queuesOn, type Server } from "./backends.ts";
import { handlers, idle } from "./handlers.ts";

describe("queue on PostgreSQL", () => contract(onPostgres));
redisSuite("queue on Redis", () => contract(onRedis));

function contract(start: () => Promise<Server>): void {
  const { open, openOne, errors } = queuesOn(start);

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
}
