import { runUntilDone } from "@paperboy/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addReaders, GATE_ORDER, gatePapers, publish } from "../../../test/harness/readers.ts";
import { ADMIN_TOKEN, startService, type TestService } from "../../../test/harness/service.ts";

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

const admin = { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } };

// biome-ignore lint/suspicious/noExplicitAny: answers are what these tests look at
const json = async (path: string, init?: RequestInit): Promise<any> => (await get(path, init)).json();

describe("one query", () => {
  it("names the same papers in search, preview, both feeds and the mailed digest, ranked alike where they are ranked", async () => {
    const q = encodeURIComponent("gat* recurrence -forgotten");
    const search = await json(`/api/v1/papers/search?q=${q}&limit=100`);
    const titles = (papers: { title: string }[]) => papers.map(({ title }) => title).sort();
    expect(search.total).toBe(30);
    const preview = await json("/api/v1/topics/preview", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "gat* recurrence -forgotten" }),
    });
    expect(preview).toMatchObject({ total: 30, query: "gat* recurrence -forgotten" });
    expect(preview.days).toHaveLength(30);
    expect(preview.samples).toHaveLength(5);
    const feed = await json(`/feeds/search.json?q=${q}`);
    expect(titles(feed.items)).toEqual(titles(search.papers));
    const atom = await (await get(`/feeds/search.xml?q=${q}`)).text();
    expect(atom.match(/<entry>/g)).toHaveLength(30);
    const topics = [{ name: "Gates", query: preview.query }];
    await addReaders(service.store, 1, new Date("2026-11-24T06:30:00Z"), {
      ...GATE_ORDER,
      topics,
      maxPapers: 50,
    });
    expect(await runUntilDone(service.worker, new Date("2026-11-25T07:30:00Z"))).toMatchObject({
      submitted: 1,
    });
    const digest = (await service.mails()).find(({ subject }) => subject.includes("Gates"));
    const mailed = new Set(digest?.text?.match(/Gated recurrence, part \d+/g));
    const ranked = search.papers.map(({ title }: { title: string }) => title);
    expect([...mailed]).toEqual(ranked);
    expect(preview.samples.map(({ title }: { title: string }) => title)).toEqual(ranked.slice(0, 5));
  });

  it("is paged to its end, and a page that was never given is refused", async () => {
    const seen: number[] = [];
    let before = "";
    for (;;) {
      const page = await json(`/api/v1/papers/search?q=gate&limit=7${before}`);
      seen.push(...page.papers.map(({ id }: { id: number }) => id));
      if (page.next === null) break;
      before = `&before=${encodeURIComponent(page.next)}`;
    }
    expect(new Set(seen).size).toBe(31);
    expect(seen).toHaveLength(31);
    const answer = await get("/api/v1/papers/search?q=gate&before=nowhere");
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field: "before" }] });
  });

  it.each(["/api/v1/papers/search?q=", "/feeds/search.xml?q=", "/feeds/search.json?q="])(
    "that cannot be read is a 400 with its column at %s",
    async (path) => {
      const answer = await get(`${path}${encodeURIComponent("gate (open")}`);
      expect(answer.status).toBe(400);
      expect(answer.headers.get("content-type")).toContain("application/problem+json");
      expect(await answer.json()).toMatchObject({ status: 400, errors: [{ column: 6 }] });
    },
  );

  it("stays in the search box", async () => {
    const page = await (await get(`/search?q=${encodeURIComponent('"gated recurrence" part')}`)).text();
    expect(page).toContain('value="&quot;gated recurrence&quot; part"');
  });

  it("stays in the order when another topic is added, without JavaScript", async () => {
    const body = new URLSearchParams({ query: '"gated recurrence"', action: "add", email: "" });
    const page = await (await get("/", { method: "POST", body })).text();
    expect(page).not.toContain("%5Bobject");
    expect(page).toContain('<input type="hidden" name="topic" value="&quot;gated recurrence&quot;">');
  });

  it("shows a reader where the query goes wrong", async () => {
    const answer = await get("/search?q=%28open", { headers: { accept: "text/html" } });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("closing parenthesis");
  });
});

describe("what a stranger wrote", () => {
  it.each(["/trending", "/search?q=gates", "/", "/feeds/trending.xml"])("stays text at %s", async (path) => {
    const body = await (await get(path, { headers: { accept: "text/html" } })).text();
    expect(body).not.toMatch(/<script>alert/);
  });
});

describe("HTTP", () => {
  it.each<[string, RequestInit, number]>([
    ["/api/v1/nothing", {}, 404],
    ["/api/v1/papers/999999", {}, 404],
    ["/api/v1/papers/search", {}, 400],
    ["/api/v1/papers/search?q=gate&limit=0", {}, 400],
    ["/api/v1/papers/trending?date=yesterday", {}, 400],
    ["/api/v1/subscriptions", { method: "PUT" }, 405],
    [
      "/api/v1/subscriptions",
      { method: "POST", body: "{", headers: { "content-type": "application/json" } },
      400,
    ],
    ["/api/v1/subscriptions", { method: "POST", body: "a", headers: { "content-type": "text/plain" } }, 415],
    [
      "/api/v1/subscriptions",
      { method: "POST", body: `"${"x".repeat(3e6)}"`, headers: { "content-type": "application/json" } },
      413,
    ],
    ["/api/v1/admin/subscribers", {}, 401],
    ["/api/v1/admin/subscribers", { headers: { authorization: "Bearer wrong" } }, 401],
  ])("%s %j is a problem, %i", async (path, init, status) => {
    const answer = await get(path, init);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(await answer.json()).toMatchObject({
      status,
      title: expect.any(String),
      detail: expect.any(String),
    });
    if (status === 405) expect(answer.headers.get("allow")).toContain("POST");
    if (status === 401) expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  it("keeps pages to themselves", async () => {
    const { headers } = await get("/");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-powered-by")).toBeNull();
  });

  it("describes every route of the API", async () => {
    const { openapi, paths } = await json("/openapi.json");
    expect(openapi).toMatch(/^3\.1/);
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        "/api/v1/subscriptions",
        "/api/v1/subscriptions/{id}",
        "/api/v1/papers/trending",
        "/api/v1/papers/search",
        "/api/v1/papers/{id}",
        "/api/v1/topics/preview",
        "/api/v1/admin/papers",
        "/feeds/search.xml",
        "/unsubscribe",
      ]),
    );
  });

  it("tells how it is", async () => {
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(200);
    const metrics = await (await get("/metrics", admin)).text();
    expect(metrics).toMatch(/^paperboy_papers 31$/m);
    await service.worker.library.refresh();
    expect(await (await get("/metrics", admin)).text()).toMatch(/^paperboy_index_bytes [1-9]\d+$/m);
  });
});

describe("the administrator", () => {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
  const push = (papers: object[]) =>
    json("/api/v1/admin/papers", { method: "POST", headers, body: JSON.stringify({ papers }) });

  it("pushes papers; bad ones are refused by index and the others go in", async () => {
    const good = {
      title: "A pushed paper",
      abstract: "It was pushed.",
      authors: ["A B"],
      arxivId: "2611.00001v1",
    };
    const answer = await push([good, { title: "" }, { ...good, arxivId: "2611.00001v2" }]);
    expect(answer).toMatchObject({ read: 3, new: 1, refused: 1, refusals: [{ at: expect.anything() }] });
    expect(await push([good])).toMatchObject({ read: 1, new: 0, refused: 0 });
    expect((await json("/api/v1/papers/search?q=pushed")).total).toBe(1);
  });

  it.each<[string, string, object?]>([
    ["POST", "streams/a%00b/resume"],
    ["DELETE", "sources/a%00b"],
    ["POST", "suppressions", { email: "ada@example.org", detail: "a\0b" }],
  ])("is told that text holds no NUL: %s %s", async (method, path, body) => {
    const answer = await get(`/api/v1/admin/${path}`, {
      method,
      headers,
      body: JSON.stringify(body) ?? null,
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("NUL") });
  });

  it.each(["subscribers", "deliveries", "suppressions", "sources"])("lists %s", async (name) => {
    expect((await get(`/api/v1/admin/${name}`, { headers })).status).toBe(200);
  });
});
