import { startService, type TestService } from "@paperboy/harness/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let service: TestService;
let local: TestService;
beforeAll(async () => {
  const few = { RATE_LIMIT_QUERIES: "3", RATE_LIMIT_REQUESTS: "5", TRUST_PROXY: "1" };
  service = await startService(few);
  local = await startService({ ...few, PUBLIC_URL: "http://localhost:3000" });
});
afterAll(async () => {
  await service.close();
  await local.close();
});

const ask = (path: string, visitor: string, init: RequestInit = {}, at = service) =>
  fetch(`${at.url}${path}`, { ...init, headers: { ...init.headers, "x-forwarded-for": visitor } });

async function statuses(count: number, path: string, visitor: string, at = service): Promise<number[]> {
  const seen: number[] = [];
  for (let n = 0; n < count; n++) seen.push((await ask(path, visitor, {}, at)).status);
  return seen;
}

describe("limits of one visitor", () => {
  it.each([
    ["/search?q=gate", "198.51.100.1"],
    ["/preview?q=gate", "198.51.100.2"],
    ["/feeds/search.xml?q=gate", "198.51.100.3"],
    ["/api/v1/papers/search?q=gate", "198.51.100.4"],
  ])("hold for %s", async (path, visitor) => {
    const seen = await statuses(5, path, visitor);
    expect(seen.slice(3)).toEqual([429, 429]);
    expect(seen.slice(0, 3)).not.toContain(429);
  });

  it("are one for all that asks a query, and say when to come back", async () => {
    await statuses(1, "/search?q=gate", "198.51.100.9");
    await statuses(2, "/feeds/search.json?q=gate", "198.51.100.9");
    const answer = await ask("/api/v1/papers/search?q=gate", "198.51.100.9");
    expect(answer.status).toBe(429);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.headers.get("ratelimit")).toContain('"queries"; r=0');
    expect(answer.headers.get("ratelimit-policy")).toContain('"queries"; q=3; w=60');
    expect(await answer.json()).toMatchObject({
      status: 429,
      detail: expect.stringContaining("wait a minute"),
    });
  });

  it("are each network's own", async () => {
    expect(await statuses(4, "/search?q=gate", "2001:db8:1::1")).toContain(429);
    expect((await ask("/search?q=gate", "2001:db8:1::2")).status).toBe(429);
    expect((await ask("/search?q=gate", "2001:db8:2::2")).status).toBe(200);
  });

  it("hold for the rest of the public API, and not for unsubscribing", async () => {
    expect((await statuses(6, "/api/v1/papers/1", "198.51.100.20")).at(-1)).toBe(429);
    for (let n = 0; n < 8; n++) {
      const answer = await ask("/unsubscribe?token=nothing", "198.51.100.20", { method: "POST" });
      expect(answer.status).not.toBe(429);
    }
  });

  it("do not hold for the machine itself when the service is local", async () => {
    expect(await statuses(9, "/search?q=gate", "127.0.0.1", local)).not.toContain(429);
    expect(await statuses(9, "/search?q=gate", "203.0.113.7", local)).toContain(429);
  });
});
