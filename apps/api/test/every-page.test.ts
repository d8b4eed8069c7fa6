import { addReaders, GATE_ORDER, publish } from "@paperboy/harness/readers";
import { linkIn, startService, type TestService } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { realPapers, realQueries } from "./real-text.ts";

const QUERIES = realQueries();
const FEED_LENGTH = 50;

let service: TestService;
beforeAll(async () => {
  service = await startService();
  await publish(service.store, realPapers(), new Date("2026-11-24T05:00:00Z"));
});
afterAll(() => service.close());

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function get(path: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(`${service.url}${path}`, init);
  return { status: answer.status, type: answer.headers.get("content-type") ?? "", body: await answer.text() };
}

const asHtml = { headers: { accept: "text/html" } };
const post = (body: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** Everything that shows a query, by name. */
async function ask(query: string, everything: boolean): Promise<Record<string, Answer>> {
  const q = encodeURIComponent(query);
  const entries = Object.entries({
    page: get(`/search?q=${q}`, asHtml),
    partial: get(`/preview?q=${q}`, asHtml),
    ...(everything && {
      front: get(`/?topic=${q}`, asHtml),
      newest: get(`/search?q=${q}&sort=newest`, asHtml),
    }),
    search: get(`/api/v1/papers/search?q=${q}&limit=100`),
    preview: get("/api/v1/topics/preview", post({ query: query })),
    atom: get(`/feeds/search.xml?q=${q}`),
    feed: get(`/feeds/search.json?q=${q}`),
  });
  return Object.fromEntries(await Promise.all(entries.map(async ([name, answer]) => [name, await answer])));
}

/** Text of a page without its tags, and what it marks. */
const marks = (html: string) => [...html.matchAll(/<mark>(.*?)<\/mark>/gs)].map((match) => match[1] ?? "");

describe("every page, for real text", () => {
  it(`draws ${QUERIES.length} queries, and search, preview and feeds agree on them`, async () => {
    expect(QUERIES.length).toBeGreaterThan(200);
    let answered = 0;
    let found = 0;
    let marked = 0;
    for (const [n, query] of QUERIES.entries()) {
      const answers = await ask(query, n % 5 === 0);
      const statuses = Object.fromEntries(
        Object.entries(answers).map(([name, { status }]) => [name, status]),
      );
      const { page, partial, search, preview, atom, feed } = answers as Record<string, Answer>;
      const shown = query.slice(0, 80);
      for (const status of Object.values(statuses)) expect(status, shown).toBeLessThan(500);
      // An address longer than the server reads is refused before it is looked at.
      if (statuses.page === 431) continue;
      // A part of a page says what is wrong within a page that stands.
      expect([statuses.partial, statuses.front ?? 200], shown).toEqual([200, 200]);
      const refused = search?.status !== 200;
      expect(statuses, shown).toMatchObject(
        refused
          ? { page: 400, search: 400, preview: 400, atom: 400, feed: 400 }
          : { page: 200, preview: 200, atom: 200, feed: 200 },
      );
      if (refused) {
        expect(JSON.parse(search?.body ?? ""), shown).toMatchObject({ status: 400, title: "Bad Request" });
        continue;
      }
      const { total, papers } = JSON.parse(search?.body ?? "");
      expect(JSON.parse(preview?.body ?? "").total, shown).toBe(total);
      expect(JSON.parse(feed?.body ?? "").items, shown).toHaveLength(Math.min(total, FEED_LENGTH));
      expect(atom?.body.match(/<entry>/g)?.length ?? 0, shown).toBe(Math.min(total, FEED_LENGTH));
      expect(page?.body, shown).toContain(`<strong>${total} paper${total === 1 ? "" : "s"}</strong>`);
      expect(partial?.body, shown).toContain(`${total} paper${total === 1 ? "" : "s"} in the last 30 days`);
      for (const { title, highlights } of papers) {
        for (const { start, end } of highlights.title) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(title.length);
        }
      }
      answered++;
      found += total;
      marked += marks(page?.body ?? "").length;
    }
    expect(answered).toBeGreaterThan(100);
    expect(found).toBeGreaterThan(500);
    expect(marked).toBeGreaterThan(500);
  }, 240_000);

  it.each([
    ['"linear attention" OR mamba', ["Linear Attention", "Mamba"]],
    ["state-space", ["State-Space"]],
    ["r&d", ["R&amp;D"]],
    ["c++", ["C++"]],
    ["银行", ["银行"]],
    ["goedel OR godel", ["G\\&quot;odel"]],
    ["author:müller-6", ["Müller-6"]],
  ])("marks %s where it stands", async (query, expected) => {
    const { body } = await get(`/search?q=${encodeURIComponent(query)}`, asHtml);
    expect(marks(body)).toEqual(expect.arrayContaining(expected));
    const { body: partial } = await get(`/preview?q=${encodeURIComponent(query)}`, asHtml);
    expect(marks(partial).length).toBeGreaterThan(0);
  });

  it("finds a pasted title, or offers it in quotes, which finds it", async () => {
    for (const { title, externalId } of realPapers()) {
      if (!/[\p{L}\p{N}]/u.test(title)) continue;
      const { status, body } = await get(`/api/v1/papers/search?q=${encodeURIComponent(title)}`);
      let answer = JSON.parse(body);
      if (status !== 200) {
        const { quoted } = answer.errors[0];
        expect(quoted, title).toBeTypeOf("string");
        const page = await get(`/search?q=${encodeURIComponent(title)}`, asHtml);
        expect(page.body, title).toContain(
          `/search?q=${encodeURIComponent(quoted).replaceAll("'", "&#x27;")}"`,
        );
        answer = JSON.parse(
          (await get(`/api/v1/papers/search?q=${encodeURIComponent(quoted)}&limit=100`)).body,
        );
      }
      expect(
        answer.papers?.map((paper: { title: string }) => paper.title.slice(0, 20)),
        externalId,
      ).toContain(title.slice(0, 20));
    }
  }, 60_000);

  it("shows topics of such queries in the mail, on the web and on the reader's page", async () => {
    const previews = await Promise.all(
      QUERIES.map((query) => get("/api/v1/topics/preview", post({ query: query }))),
    );
    const topics = previews
      .filter(({ status }) => status === 200)
      .map(({ body }) => JSON.parse(body))
      .filter(({ total }) => total > 0)
      .map(({ query }) => ({ name: query.slice(0, 60), query }));
    const orders = Array.from({ length: 5 }, (_, n) =>
      topics.filter((_topic, at) => at % 5 === n).slice(0, 20),
    );
    for (const some of orders) {
      await addReaders(service.store, 1, new Date("2026-11-24T06:30:00Z"), { ...GATE_ORDER, topics: some });
      const date = new Date("2026-11-25T07:30:00Z");
      await runUntilDone(service.worker, date);
      const [mail] = (await service.mails()).slice(-1);
      if (mail === undefined) throw new Error("no digest was mailed");
      for (const path of ["/manage", "/digests"]) {
        const page = await fetch(linkIn(mail, path, service), asHtml);
        expect(page.status, path).toBe(200);
        expect(await page.text()).not.toContain("Something went wrong");
      }
    }
  }, 120_000);
});
