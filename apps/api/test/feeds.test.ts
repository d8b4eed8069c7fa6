import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatePapers, publish } from "../../../test/harness/readers.ts";
import { startService, type TestService } from "../../../test/harness/service.ts";

const HOSTILE = `<script>alert("x")</script> & 'gates' ]]> \u0001`;

let service: TestService;

beforeAll(async () => {
  service = await startService();
  await publish(service.store, gatePapers(30), new Date("2026-11-24T05:00:00Z"));
  const hostile = { externalId: "hostile", title: HOSTILE, abstract: HOSTILE, authors: [HOSTILE] };
  await publish(service.store, [hostile], new Date("2026-11-24T06:00:00Z"));
});

afterAll(() => service.close());

const get = (path: string, init?: RequestInit) => fetch(`${service.url}${path}`, init);

// biome-ignore lint/suspicious/noExplicitAny: answers are what these tests look at
const json = async (path: string, init?: RequestInit): Promise<any> => (await get(path, init)).json();

describe("feeds", () => {
  it.each([
    "/feeds/search.xml?q=gate",
    "/feeds/search.json?q=gate",
    "/feeds/trending.xml",
    "/feeds/trending.json",
  ])("answer 304 to who has this version already: %s", async (path) => {
    const first = await get(path);
    const etag = first.headers.get("etag") ?? "";
    const modified = first.headers.get("last-modified") ?? "";
    expect(Number.isNaN(Date.parse(modified))).toBe(false);
    expect((await get(path, { headers: { "if-none-match": etag } })).status).toBe(304);
    expect((await get(path, { headers: { "if-modified-since": modified } })).status).toBe(304);
    expect((await get(path, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  it("are what RFC 4287 asks for", async () => {
    const answer = await get("/feeds/search.xml?q=gate");
    expect(answer.headers.get("content-type")).toMatch(/^application\/atom\+xml/);
    const atom = await answer.text();
    const entries = atom.split("<entry>").slice(1);
    for (const part of [atom.split("<entry>")[0] ?? "", ...entries]) {
      expect(part).toMatch(/<id>https?:\/\/[^<]+<\/id>/);
      expect(part).toMatch(/<title[^>]*>[^<]+<\/title>/);
      expect(part).toMatch(/<updated>\d{4}-\d\d-\d\dT[\d:.]+Z<\/updated>/);
    }
    const ids = entries.map((entry) => /<id>([^<]+)/.exec(entry)?.[1]);
    expect(new Set(ids).size).toBe(entries.length);
    expect(entries.every((entry) => entry.includes("<author>"))).toBe(true);
    expect(atom).not.toContain("<script");
    expect([...atom].filter((letter) => letter < " " && !"\t\r\n".includes(letter))).toEqual([]);
  });

  it("are what JSON Feed 1.1 asks for", async () => {
    const feed = await json("/feeds/search.json?q=gate");
    expect(feed).toMatchObject({ version: "https://jsonfeed.org/version/1.1", title: expect.any(String) });
    for (const item of feed.items) {
      expect(item).toMatchObject({ id: expect.stringMatching(/^http/), url: expect.stringMatching(/^http/) });
      expect(item.content_text ?? item.content_html).toEqual(expect.any(String));
      expect(Array.isArray(item.authors)).toBe(true);
    }
  });
});
