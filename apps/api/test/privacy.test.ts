import { addReaders } from "@paperboy/harness/readers";
import { ADMIN_TOKEN, startService, type TestService } from "@paperboy/harness/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let service: TestService;
const now = new Date("2026-11-24T09:00:00Z");
beforeAll(async () => {
  service = await startService({ TRUST_PROXY: "1" }, now);
});
afterAll(() => service.close());

const post = (path: string, fields: Record<string, string>) =>
  fetch(`${service.url}${path}`, {
    method: "POST",
    headers: { accept: "text/html" },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });

describe("a reader on their page", () => {
  it("gets all that is kept about them as a file, and is forgotten when they tick the box", async () => {
    const [id] = await addReaders(service.store, 1, now);
    const token = service.worker.pages.manageToken({ id: id as string, manageRevision: 0 }, now);
    const page = await (await fetch(`${service.url}/manage?token=${token}`)).text();
    expect(page).toContain(`/manage/export?token=${token}`);
    const file = await fetch(`${service.url}/manage/export?token=${token}`);
    expect(file.headers.get("content-disposition")).toContain("paperboy.json");
    expect(await file.json()).toMatchObject({
      email: "reader0@example.org",
      requests: [{ confirmed_at: expect.any(String) }],
      bounces: [],
    });
    expect((await post("/manage/erase", { token })).status).toBe(400);
    expect(await service.store.subscriptions.find(id as string)).not.toBeNull();
    const erased = await post("/manage/erase", { token, sure: "yes" });
    expect([erased.status, await erased.text()]).toEqual([200, expect.stringContaining("You are forgotten")]);
    expect(await service.store.subscriptions.find(id as string)).toBeNull();
    expect((await post("/manage/erase", { token, sure: "yes" })).status).toBe(404);
    expect((await fetch(`${service.url}/manage/export?token=${token}x`)).status).toBe(400);
  });
});

describe("the form under fire", () => {
  const ask = (email: string, from: string) =>
    fetch(`${service.url}/api/v1/subscriptions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": from },
      body: JSON.stringify({ email, topics: [{ query: "gates" }] }),
    });
  const visitor = (n: number) => `198.51.${n >> 8}.${n & 255}`;

  it("mails a victim once in 24 hours, though a thousand orders come from many addresses", async () => {
    const answers = new Set<string>();
    for (let n = 0; n < 1_000; n += 50) {
      const some = await Promise.all(
        Array.from({ length: 50 }, (_, k) => ask("one.victim@gmail.com", visitor((n + k) % 500))),
      );
      for (const answer of some) answers.add(`${answer.status} ${await answer.text()}`);
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toMatch(/^202 /);
    expect((await service.mails()).filter(({ to }) => to.includes("victim"))).toHaveLength(1);
  });

  it("takes 30 orders an hour from a visitor and 200 for a domain, and says so", async () => {
    const one = await Promise.all(
      Array.from({ length: 31 }, (_, n) => ask(`r${n}@a${n}.example.org`, "203.0.113.9")),
    );
    expect(one.map(({ status }) => status).sort()).toEqual([...Array(30).fill(202), 429]);
    const many = [];
    for (let n = 0; n < 201; n++)
      many.push((await ask(`r${n}@small.example.org`, visitor(1_000 + n))).status);
    expect(many.filter((status) => status === 429)).toHaveLength(1);
    const refused = await ask("x@small.example.org", visitor(2_000));
    expect(await refused.json()).toMatchObject({ status: 429, detail: expect.stringContaining("domain") });
  });

  it("puts nothing of what was typed into the mail", async () => {
    await fetch(`${service.url}/api/v1/subscriptions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": "192.0.2.77" },
      body: JSON.stringify({
        email: "quiet@example.net",
        topics: [{ name: "BUY CHEAP WATCHES", query: "watches https" }],
      }),
    });
    const mail = (await service.mails()).find(({ to }) => to.includes("quiet@example.net"));
    expect(mail?.raw.toString()).not.toMatch(/watches/i);
    expect(`${mail?.html}${mail?.text}`).not.toMatch(/watches/i);
  });

  it("answers for a known address as for an unknown one, by the same steps", async () => {
    await addReaders(service.store, 1, now);
    const known = await ask("reader0@example.org", visitor(3_000));
    const unknown = await ask("nobody-yet@example.org", visitor(3_001));
    expect([known.status, await known.text()]).toEqual([unknown.status, await unknown.text()]);
    const names = (headers: Headers) => [...headers.keys()].sort();
    expect(names(known.headers)).toEqual(names(unknown.headers));
    expect(known.headers.get("referrer-policy")).toBe("no-referrer");
  });
});

describe("a paused destination", () => {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  it("is shown to administration and resumes when told to", async () => {
    await service.store.destinations.pause("*", "refused", "the relay refuses us: 535 no", now);
    const list = await (await fetch(`${service.url}/api/v1/admin/streams`, { headers })).json();
    expect(list).toEqual({
      streams: [
        {
          key: "*",
          pausedUntil: "2026-11-24T09:05:00.000Z",
          reason: "the relay refuses us: 535 no",
          strikes: 1,
          gapMs: 0,
        },
      ],
    });
    const metrics = await (await fetch(`${service.url}/metrics`, { headers })).text();
    expect(metrics).toContain('paperboy_stream_paused{stream="*"}');
    const resume = () => fetch(`${service.url}/api/v1/admin/streams/*/resume`, { method: "POST", headers });
    expect([(await resume()).status, (await resume()).status]).toEqual([204, 404]);
  });
});
