import { ADMIN_TOKEN, startService } from "@paperboy/harness/service";
import { describe, expect, it } from "vitest";
import { browser, METRICS_TOKEN, NOW, serveAdministrators, service } from "./admin-service.ts";

serveAdministrators();

describe("the local inbox and the metrics", () => {
  const status = async (path: string, headers: Record<string, string>, of = service) =>
    (await fetch(of.url + path, { headers: { accept: "text/html", ...headers } })).status;

  it("are closed to everybody when PUBLIC_URL is not local: behind a bare proxy, too", async () => {
    const bare = await startService({}, NOW);
    for (const headers of [{}, { "x-forwarded-for": "203.0.113.9" }, { host: "localhost" }] as Record<
      string,
      string
    >[]) {
      expect(await status("/inbox", headers, bare)).toBe(403);
      expect(await status("/inbox/x/raw", headers, bare)).toBe(403);
      expect(await status("/metrics", headers, bare)).toBe(401);
    }
    expect(await (await fetch(`${bare.url}/`)).text()).not.toContain('href="/inbox"');
    await bare.close();
  });

  it("open with the administrator's session, the metrics with either token", async () => {
    const person = browser();
    expect((await person.get("/inbox")).status).toBe(403);
    await person.signIn();
    expect([(await person.get("/inbox")).status, (await person.get("/metrics")).status]).toEqual([200, 200]);
    for (const token of [ADMIN_TOKEN, METRICS_TOKEN])
      expect(await status("/metrics", { authorization: `Bearer ${token}` })).toBe(200);
    expect(await status("/inbox", { authorization: `Bearer ${METRICS_TOKEN}` })).toBe(403);
    expect(await status("/api/v1/admin/subscribers", { authorization: `Bearer ${METRICS_TOKEN}` })).toBe(401);
  });

  it("are open to this machine when PUBLIC_URL is local, and to no one a proxy speaks for", async () => {
    const local = await startService({ PUBLIC_URL: "http://localhost:3000" }, NOW);
    expect([await status("/inbox", {}, local), await status("/metrics", {}, local)]).toEqual([200, 200]);
    const forwarded = { "x-forwarded-for": "203.0.113.9" };
    expect([await status("/inbox", forwarded, local), await status("/metrics", forwarded, local)]).toEqual([
      403, 401,
    ]);
    expect(await (await fetch(`${local.url}/`)).text()).toContain('href="/inbox"');
    await local.close();
  });

  it("are open to the gateway of a container's network when PUBLIC_URL is local, and closed to the world", async () => {
    const local = await startService({ PUBLIC_URL: "http://localhost:3000", TRUST_PROXY: "1" }, NOW);
    const from = (ip: string) => status("/inbox", { "x-forwarded-for": ip }, local);
    expect([await from("172.18.0.1"), await from("fd00::1"), await from("203.0.113.9")]).toEqual([
      200, 200, 403,
    ]);
    await local.close();
  });
});
