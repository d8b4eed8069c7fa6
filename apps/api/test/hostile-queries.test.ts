import { publish } from "@paperboy/harness/readers";
import { startService, type TestService } from "@paperboy/harness/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];
/** Sixty-four beginnings of two letters, joined by OR: the worst that a few hundred characters can ask for. */
const BROAD = LETTERS.flatMap((a) => LETTERS.map((b) => `${a}${b}*`))
  .filter((_, n) => n % 11 === 0)
  .slice(0, 64)
  .join(" OR ");

let service: TestService;
beforeAll(async () => {
  service = await startService({}, undefined, { budget: { terms: 60, work: 20_000 } });
  const word = (n: number) => `${LETTERS[n % 26]}${LETTERS[Math.floor(n / 26) % 26]}x${n}`;
  const papers = Array.from({ length: 300 }, (_, n) => ({
    externalId: `${n}`,
    title: `gate ${word(n * 4)} ${word(n * 4 + 1)} ${word(n * 4 + 2)} ${word(n * 4 + 3)}`,
    abstract: "a gate",
    authors: [],
  }));
  await publish(service.store, papers, new Date("2026-11-24T05:00:00Z"));
  await service.worker.library.refresh();
});
afterAll(() => service.close());

const q = encodeURIComponent(BROAD);
const get = (path: string, init: RequestInit = {}) => fetch(`${service.url}${path}`, init);
const asHtml = { headers: { accept: "text/html" } };
const post = (body: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

describe("a query that would cost too much", () => {
  it.each<[string, RequestInit]>([
    [`/api/v1/papers/search?q=${q}`, {}],
    ["/api/v1/topics/preview", post({ query: BROAD })],
    [`/feeds/search.xml?q=${q}`, {}],
    [`/feeds/search.json?q=${q}`, {}],
  ])("is a 422 that names what to narrow, at %.30s", async (path, init) => {
    const answer = await get(path, init);
    expect(answer.status).toBe(422);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    // biome-ignore lint/suspicious/noExplicitAny: answers are what these tests look at
    const problem: any = await answer.json();
    expect(problem.detail).toMatch(
      /^The query is too broad: .* Write more letters before the star of [a-z]{2}\*/,
    );
    expect(problem.errors[0].found).toMatch(/^[a-z]{2}\*$/);
  });

  it("says so on the page, with the query still in its field, and in the preview", async () => {
    const page = await get(`/search?q=${q}`, asHtml);
    expect(page.status).toBe(422);
    const html = await page.text();
    expect(html).toContain("The query is too broad");
    expect(html).toContain(`value="${BROAD}"`);
    expect(await (await get(`/preview?q=${q}`, asHtml)).text()).toContain("The query is too broad");
  });

  it("cannot be ordered as a topic", async () => {
    const order = {
      email: "reader@example.org",
      topics: [{ query: BROAD }],
      cadence: "daily",
      time: "07:00",
      timezone: "UTC",
    };
    const answer = await get("/api/v1/subscriptions", post(order));
    expect(answer.status).toBe(422);
    expect((await service.mails()).length).toBe(0);
    expect((await get("/api/v1/subscriptions", post({ ...order, topics: [{ query: "gate" }] }))).status).toBe(
      202,
    );
  });

  it("leaves others alone", async () => {
    expect(await (await get("/api/v1/papers/search?q=gate")).json()).toMatchObject({ total: 300 });
  });
});
