import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatePapers, publish } from "../../../test/harness/readers.ts";
import { startService, type TestService } from "../../../test/harness/service.ts";

const NOW = new Date("2026-11-24T09:00:00Z");

let service: TestService;
beforeAll(async () => {
  service = await startService({ SECURITY_CONTACT: "mailto:security@example.org" }, NOW);
  await publish(service.store, gatePapers(3), new Date("2026-11-21T10:00:00Z"));
});
afterAll(() => service.close());

const get = (path: string) => fetch(`${service.url}${path}`);

describe("what every site is asked for", () => {
  it.each([
    ["/favicon.ico", /icon/],
    ["/manifest.webmanifest", /^application\/manifest\+json/],
    ["/robots.txt", /^text\/plain/],
    ["/sitemap.xml", /^application\/xml/],
    ["/.well-known/security.txt", /^text\/plain/],
  ])("is there, for caches and search engines too: %s", async (path, type) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(type);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=86400");
    expect(answer.headers.get("x-robots-tag")).toBeNull();
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(50);
  });

  it("names icons that are there, and an icon of two sizes", async () => {
    const manifest: unknown = await (await get("/manifest.webmanifest")).json();
    const { icons } = manifest as { icons: { src: string; type: string }[] };
    for (const { src, type } of icons) {
      const icon = await get(src);
      expect([icon.status, icon.headers.get("content-type")]).toEqual([200, type]);
    }
    const ico = new DataView(await (await get("/favicon.ico")).arrayBuffer());
    expect([ico.getUint16(2, true), ico.getUint16(4, true)]).toEqual([1, 2]);
  });

  it("lists the days that have trending papers, and says where", async () => {
    const text = await (await get("/sitemap.xml")).text();
    const places = [...text.matchAll(/<loc>(.*?)<\/loc>/g)].map(([, place]) => place);
    expect(places).toContain("http://papers.test/trending?date=2026-11-22");
    expect(places.filter((place) => place?.includes("date="))).toHaveLength(3);
    expect(await (await get("/robots.txt")).text()).toContain("Sitemap: http://papers.test/sitemap.xml");
  });

  it("says whom to tell of a weakness until a date to come, and nothing when no contact is set", async () => {
    const text = await (await get("/.well-known/security.txt")).text();
    expect(text).toContain("Contact: mailto:security@example.org\n");
    const expires = new Date(text.match(/^Expires: (.*)$/m)?.[1] ?? "");
    expect(expires.getTime()).toBeGreaterThan(NOW.getTime());
    expect(expires.getTime()).toBeLessThan(NOW.getTime() + 365 * 86_400_000);
    const silent = await startService({}, NOW);
    expect((await fetch(`${silent.url}/.well-known/security.txt`)).status).toBe(404);
    await silent.close();
  });

  it.each(["/", "/trending", "/search?q=gate"])("leads feed readers to the papers of %s", async (path) => {
    const html = await (await get(path)).text();
    const [feed = ""] = html.match(/<link rel="alternate" type="application\/atom\+xml"[^>]*>/) ?? [];
    const href = feed.match(/href="([^"]*)"/)?.[1]?.replaceAll("&#x3D;", "=") ?? "";
    expect((await get(href)).headers.get("content-type")).toContain("application/atom+xml");
  });

  it("offers a search where a page is missing", async () => {
    const answer = await fetch(`${service.url}/nowhere`, { headers: { accept: "text/html" } });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('role="search"');
  });
});
