import type { RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { arxivHostPolicy } from "../src/arxiv/policy.ts";
import { createHostQueue } from "../src/http/politeness.ts";
import { at, closers, fetcher, serve, withName } from "./local-servers.ts";

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe("a host queue", () => {
  function clock() {
    let time = 0;
    const waits: number[] = [];
    const wait = async (milliseconds: number) => {
      waits.push(milliseconds);
      time += milliseconds;
    };
    return { now: () => new Date(time), wait, waits, pass: (milliseconds: number) => (time += milliseconds) };
  }

  it("runs one call at a time, and keeps the gap from the end of one to the start of the next", async () => {
    const { now, wait, pass } = clock();
    const paced = createHostQueue({ minGapMs: 3_000 }, now, wait);
    const log: string[] = [];
    const call = (name: string, takes: number) => async () => {
      log.push(`${name} starts at ${now().getTime()}`);
      await Promise.resolve();
      pass(takes);
      log.push(`${name} ends at ${now().getTime()}`);
      return name;
    };
    const results = await Promise.all([paced(call("a", 500)), paced(call("b", 0)), paced(call("c", 0))]);
    expect(results).toEqual(["a", "b", "c"]);
    expect(log).toEqual([
      "a starts at 0",
      "a ends at 500",
      "b starts at 3500",
      "b ends at 3500",
      "c starts at 6500",
      "c ends at 6500",
    ]);
  });

  it("waits for what is left of the gap only, also after a failure and when the clock is set back", async () => {
    const { now, wait, waits, pass } = clock();
    const paced = createHostQueue({ minGapMs: 3_000 }, now, wait);
    await expect(paced(() => Promise.reject(new Error("lost")))).rejects.toThrow("lost");
    pass(2_000);
    await paced(async () => {});
    pass(5_000);
    await paced(async () => {});
    pass(-60_000);
    await paced(async () => {});
    expect(waits).toEqual([1_000, 3_000]);
  });
});

describe("a host with a policy", () => {
  /** A server under any name, a clock that only waiting moves, and what happened when. */
  async function paced(handler: RequestListener) {
    let time = 0;
    const log: string[] = [];
    const base = await serve((req, res) => {
      log.push(`${req.headers.host?.split(":")[0]}${req.url} at ${time}`);
      handler(req, res);
    });
    const one = fetcher({
      resolve: async () => at("127.0.0.1"),
      hostPolicies: [{ hosts: /(?:^|\.)slow\.test$/, minGapMs: 3_000 }],
      now: () => new Date(time),
      wait: async (milliseconds) => {
        time += milliseconds;
      },
    });
    return { one, log, named: (name: string, path: string) => `${withName(base, name)}${path}` };
  }

  it("gets one request at a time, three seconds apart, under all of its names together", async () => {
    let open = 0;
    let most = 0;
    const { one, log, named } = await paced((_req, res) => {
      most = Math.max(most, ++open);
      setImmediate(() => {
        open--;
        res.end();
      });
    });
    const urls = [
      named("api.slow.test", "/1"),
      named("rss.slow.test", "/2"),
      named("slow.test", "/3"),
      named("quick.test", "/4"),
    ];
    const outcomes = await Promise.all(urls.map((url) => one.fetch({ url })));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(log.filter((line) => !line.startsWith("quick"))).toEqual([
      "api.slow.test/1 at 0",
      "rss.slow.test/2 at 3000",
      "slow.test/3 at 6000",
    ]);
    expect(log).toHaveLength(4);
    expect(most).toBeLessThanOrEqual(2);
  });

  it("is given its pause before each redirect, too, wherever that comes from", async () => {
    const { one, log, named } = await paced((req, res) => {
      const next = { "/a": "/b", "/self": "/self", "/out": named("api.slow.test", "/c") }[req.url ?? ""];
      res.writeHead(next ? 302 : 200, next ? { location: next } : {}).end();
    });
    await one.fetch({ url: named("api.slow.test", "/a") });
    await one.fetch({ url: named("quick.test", "/out") });
    expect(log).toEqual([
      "api.slow.test/a at 0",
      "api.slow.test/b at 3000",
      "quick.test/out at 3000",
      "api.slow.test/c at 6000",
    ]);
    expect(await one.fetch({ url: named("slow.test", "/self") })).toMatchObject({ kind: "refused" });
    expect(log.slice(4).map((line) => Number(line.split(" at ")[1]) % 3_000)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(log.slice(3)).size).toBe(7);
  });

  it("keeps nobody waiting who is told to stop", async () => {
    let asked = 0;
    const base = await serve((_req, res) => {
      asked++;
      res.end();
    });
    const one = fetcher({
      hostPolicies: [{ hosts: /^127\.0\.0\.1$/, minGapMs: 3_000 }],
      wait: () => new Promise(() => undefined),
    });
    await one.fetch({ url: base });
    const controller = new AbortController();
    const waiting = one.fetch({ url: base, signal: controller.signal });
    controller.abort();
    expect(await waiting).toEqual({ kind: "lost", reason: "it was told to stop" });
    expect(asked).toBe(1);
  });

  it.each(["export.arxiv.org", "rss.arxiv.org", "oaipmh.arxiv.org", "arxiv.org"])("%s is arXiv", (host) =>
    expect(arxivHostPolicy().hosts.test(host)).toBe(true),
  );
  it.each(["arxiv.org.example.net", "notarxiv.org", "huggingface.co"])("%s is not", (host) =>
    expect(arxivHostPolicy().hosts.test(host)).toBe(false),
  );
});
