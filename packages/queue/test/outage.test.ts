import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { eventually } from "@paperboy/harness/eventually";
import { freePort } from "@paperboy/harness/free-port";
import { redisSuite, startRedis } from "@paperboy/harness/redis";
import { openQueue, QueueUnavailable } from "@paperboy/queue";
import { describe, expect, it, vi } from "vitest";
import { handlers } from "./handlers.ts";

const redis = (url: string) => ({ kind: "redis", url }) as const;
const ignore = () => {};

describe("a queue whose server cannot be reached", () => {
  it.each([
    ["redis", "REDIS_URL"],
    ["postgres", "DATABASE_URL"],
  ] as const)("says so in one line that names the setting (%s)", async (kind, setting) => {
    const url = `${kind}://paperboy:secret@127.0.0.1:${await freePort()}/1`;
    const failure = await openQueue({ backend: { kind, url }, onError: ignore }).catch((error) => error);
    expect(failure).toBeInstanceOf(QueueUnavailable);
    expect(failure.message).toContain(setting);
    expect(failure.message).toMatch(/127\.0\.0\.1:\d+\S* refuses connections/);
    expect(failure.message).not.toMatch(/secret|\n/);
  });

  it("says that the name is not known", async () => {
    const opening = openQueue({ backend: redis("redis://redis.invalid:6379"), onError: ignore });
    await expect(opening).rejects.toThrow(/^REDIS_URL: .*Redis at redis\.invalid:6379/);
  });

  it.each(["localhost:6379", "http://localhost", "redis://", ""])("refuses %j as an address", async (url) => {
    const opening = openQueue({ backend: redis(url), onError: ignore });
    await expect(opening).rejects.toThrow("REDIS_URL must look like redis://host:6379");
  });
});

redisSuite("a Redis that may lose jobs", () => {
  it("is refused, by the name and the value of the setting", async () => {
    const server = await startRedis({ args: ["--maxmemory-policy", "allkeys-lru"] });
    const opening = openQueue({ backend: redis(server.url), onError: ignore });
    await expect(opening).rejects.toThrow(/REDIS_URL.*maxmemory-policy allkeys-lru.*noeviction/);
    await server.stop();
  });

  it("is refused even where CONFIG is forbidden, as managed services do", async () => {
    const server = await startRedis({
      args: ["--maxmemory-policy", "volatile-ttl", "--rename-command", "CONFIG", ""],
    });
    const opening = openQueue({ backend: redis(server.url), onError: ignore });
    await expect(opening).rejects.toThrow("maxmemory-policy volatile-ttl");
    await server.stop();
  });
});

/** Leads to the server at `url`; connections that come too early are cut once something was said. */
async function startProxy(url: string, cut: number) {
  let seen = 0;
  const proxy = createServer((socket) => {
    socket.on("error", ignore);
    if (++seen <= cut) {
      socket.once("data", () => socket.resetAndDestroy());
      return;
    }
    const server = connect(Number(new URL(url).port), "127.0.0.1").on("error", ignore);
    socket.pipe(server).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    url: `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    seen: () => seen,
    close: () => void proxy.close(),
  };
}

redisSuite("a Redis that cuts connections as they begin", () => {
  it("is asked again, as it may be about to restart", async () => {
    const server = await startRedis();
    const proxy = await startProxy(server.url, 2);
    const queue = await openQueue({ backend: redis(proxy.url), onError: ignore });
    await queue.add("sweep", {});
    expect((await queue.counts()).sweep.waiting).toBe(1);
    await queue.close();
    proxy.close();
    await server.stop();
  });

  it("is given up when it lasts", async () => {
    const server = await startRedis();
    const proxy = await startProxy(server.url, 100);
    const opening = openQueue({ backend: redis(proxy.url), onError: ignore });
    await expect(opening).rejects.toThrow(/^REDIS_URL: Redis at 127\.0\.0\.1:\d+ /);
    expect(proxy.seen()).toBeGreaterThan(3);
    proxy.close();
    await server.stop();
  });
});

redisSuite("a Redis that becomes unavailable", () => {
  it("fails what is asked of it, and is worked with again once it is back, empty", async () => {
    const server = await startRedis();
    const onError = vi.fn();
    const queue = await openQueue({ backend: redis(server.url), onError });
    const sweep = vi.fn(async () => {});
    const plan = vi.fn(async () => {});
    await queue.work(handlers({ sweep, plan }));
    await queue.every("plan", 1000);
    await server.kill();
    await expect(queue.add("sweep", {})).rejects.toThrow(QueueUnavailable);
    await expect(queue.ping()).rejects.toThrow(
      /REDIS_URL: Redis at 127\.0\.0\.1:\d+ (?:refuses connections|cut the connection|does not answer)/,
    );
    await expect(queue.ping()).rejects.not.toThrow(/maxRetries/);
    expect(onError).toHaveBeenCalled();
    const planned = plan.mock.calls.length;
    const back = await startRedis({ port: Number(new URL(server.url).port) });
    await eventually(() => queue.add("sweep", {}, { jobId: "again" }));
    await eventually(() => expect(sweep).toHaveBeenCalled());
    await eventually(() => expect(plan.mock.calls.length).toBeGreaterThan(planned));
    await queue.close();
    await back.stop();
  });

  it("does not block a shutdown, and is complained about once", async () => {
    const server = await startRedis();
    const complaints: Error[] = [];
    const queue = await openQueue({
      backend: redis(server.url),
      onError: (error) => void complaints.push(error),
    });
    await queue.work(handlers({}));
    await server.kill();
    await eventually(() => expect(complaints.length).toBeGreaterThan(0));
    const since = performance.now();
    await queue.close();
    expect(performance.now() - since).toBeLessThan(6000);
    expect(complaints.length).toBeLessThan(4);
  });
});
