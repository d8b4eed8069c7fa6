import { DAY_MS, MANAGE_VALID_DAYS, signLink } from "@paperboy/core";
import { addReaders, gatePapers, publish } from "@paperboy/harness/readers";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { linkIn, startService, type TestService } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const NOW = new Date("2026-11-24T09:00:00Z");
const MORNING = new Date("2026-11-25T07:00:00Z");
const later = (days: number) => new Date(MORNING.getTime() + days * DAY_MS);
const EMAIL = "reader0@example.org";
const [KEY_ID = "", SECRET = ""] = SECRET_KEYS.split(":");
const KEYS = [{ id: KEY_ID, secret: SECRET }];

type Mail = Awaited<ReturnType<TestService["mails"]>>[number];

let service: TestService;
let sql: pg.Pool;
let id: string;
let digest: Mail;
beforeAll(async () => {
  service = await startService({ TRUST_PROXY: "1" }, NOW);
  sql = new pg.Pool({ connectionString: service.databaseUrl });
  await publish(service.store, gatePapers(30), new Date("2026-11-24T05:00:00Z"));
});
afterAll(async () => {
  await sql.end();
  await service.close();
});
beforeEach(async () => {
  await sql.query("TRUNCATE subscribers, throttles CASCADE");
  service.setTime(NOW);
  [id = ""] = await addReaders(service.store, 1, NOW);
  service.setTime(MORNING);
  await runUntilDone(service.worker, MORNING);
  digest = (await service.mails()).at(-1) as Mail;
});

const get = (path: string) => fetch(`${service.url}${path}`, { headers: { accept: "text/html" } });
const tokenIn = (mail: Mail, path: string) =>
  new URL(linkIn(mail, path, service)).searchParams.get("token") ?? "";
const post = (path: string, fields: Record<string, string>, accept = "text/html", from = "198.51.100.7") =>
  fetch(`${service.url}${path}`, {
    method: "POST",
    headers: { accept, "x-forwarded-for": from },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
const api = (method: string, token: string, query = "", body?: object) =>
  fetch(`${service.url}/api/v1/subscriptions/${id}${query}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

/** Everything of ours that a page leads to, as paths. */
function pathsIn(html: string): string[] {
  const links = [...html.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, url = ""]) =>
    url.replaceAll("&amp;", "&"),
  );
  return [
    ...new Set(
      links.map((url) => url.replace("http://papers.test", "")).filter((url) => url.startsWith("/")),
    ),
  ];
}

describe("what people pass on", () => {
  it("leads to no right of the reader, at the view in a browser and one link further", async () => {
    const path = linkIn(digest, "/digests/", service).replace(service.url, "");
    const view = await get(path);
    const html = await view.text();
    expect(html).toContain("Gated recurrence");
    for (const told of ["/manage", "/unsubscribe", "/confirm", EMAIL, id, tokenIn(digest, "/manage")])
      expect(html).not.toContain(told);
    const seen = pathsIn(html).filter((each) => !each.startsWith("/digests/"));
    expect(seen.some((each) => each.startsWith("/search"))).toBe(true);
    for (const each of seen) {
      const page = await (await get(each)).text();
      for (const told of ["token=", 'name="token"', EMAIL, id]) expect(page, each).not.toContain(told);
    }
    expect(view.headers.get("x-robots-tag")).toContain("noindex");
  });

  it("does not open anything by its own token", async () => {
    const token = linkIn(digest, "/digests/", service).split("/").at(-1) ?? "";
    expect((await get(`/manage?token=${token}`)).status).toBe(400);
    expect((await get(`/manage/export?token=${token}`)).status).toBe(400);
    expect((await api("GET", token)).status).toBe(401);
    expect((await post("/unsubscribe", { token })).status).toBe(400);
    expect((await post("/manage/revoke", { token })).status).toBe(400);
  });

  it.each([
    "/feeds/search.xml?q=gate",
    "/feeds/search.json?q=gate",
    "/feeds/trending.xml",
    "/feeds/trending.json",
  ])("holds no token in a feed: %s", async (path) => {
    const feed = await (await get(path)).text();
    expect(feed).toContain("Gated recurrence");
    for (const told of ["token", "/manage", "/unsubscribe", "/digests/", EMAIL, id])
      expect(feed).not.toContain(told);
  });
});

describe("private pages", () => {
  it.each([
    "/manage?token=",
    "/manage/export?token=",
    "/unsubscribe?token=",
    "/confirm?token=",
    "/admin",
    "/subscribed",
    "/manage/link",
    "/inbox",
    "/no-such-page",
  ])("%s are neither kept, nor listed, nor told of to others", async (path) => {
    const purpose = path.startsWith("/unsubscribe") ? "/unsubscribe" : "/manage";
    const { headers } = await get(path.endsWith("=") ? `${path}${tokenIn(digest, purpose)}` : path);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-robots-tag")).toContain("noindex");
  });

  it.each(["/", "/trending", "/search?q=gate", "/feeds/trending.xml"])(
    "%s is public, and may be listed",
    async (path) => {
      expect((await get(path)).headers.get("x-robots-tag")).toBeNull();
    },
  );
});

describe("a manage link", () => {
  it("ends after the days that are stated, while unsubscribing never ends", async () => {
    const token = tokenIn(digest, "/manage");
    service.setTime(later(MANAGE_VALID_DAYS - 0.1));
    expect([(await get(`/manage?token=${token}`)).status, (await api("GET", token)).status]).toEqual([
      200, 200,
    ]);
    service.setTime(later(MANAGE_VALID_DAYS + 0.1));
    const ended = await get(`/manage?token=${token}`);
    expect([ended.status, (await api("GET", token)).status]).toEqual([410, 401]);
    expect(await ended.text()).toContain('href="/manage/link"');
    expect((await post("/manage/erase", { token, sure: "yes" })).status).toBe(410);
    service.setTime(later(4_000));
    expect((await post("/unsubscribe", { token: tokenIn(digest, "/unsubscribe") })).status).toBe(200);
    expect((await service.store.subscriptions.find(id))?.status).toBe("unsubscribed");
  });

  it("is worth nothing once it was revoked, for any door, and its reader gets a new one by mail", async () => {
    const token = tokenIn(digest, "/manage");
    expect(await (await get(`/manage?token=${token}`)).text()).toContain("/manage/revoke");
    const answer = await post("/manage/revoke", { token });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("have ended")]);
    for (const path of ["/manage?token=", "/manage/export?token="])
      expect((await get(path + token)).status).toBe(410);
    for (const path of [
      "/manage",
      "/manage/erase",
      "/manage/unsubscribe",
      "/manage/resume",
      "/manage/pause",
      "/manage/send-now",
      "/manage/revoke",
    ])
      expect((await post(path, { token, sure: "yes", query: "x" })).status, path).toBe(410);
    for (const method of ["GET", "PATCH", "DELETE"])
      expect((await api(method, token, "", method === "PATCH" ? { trending: true } : undefined)).status).toBe(
        401,
      );
    expect((await api("GET", token, "/export")).status).toBe(401);
    expect((await service.store.subscriptions.find(id))?.status).toBe("active");
    const mail = (await service.mails()).at(-1) as Mail;
    expect(mail).toMatchObject({ to: EMAIL, subject: expect.stringContaining("link") });
    const renewed = tokenIn(mail, "/manage");
    expect([(await get(`/manage?token=${renewed}`)).status, (await api("GET", renewed)).status]).toEqual([
      200, 200,
    ]);
    expect((await post("/unsubscribe", { token: tokenIn(digest, "/unsubscribe") })).status).toBe(200);
  });

  it("is not given out by an old confirmation once links were revoked", async () => {
    const [{ id: request }] = (await sql.query("SELECT id FROM subscription_requests")).rows as [
      { id: string },
    ];
    const token = signLink("confirm", request, KEYS, later(5));
    const confirm = async () => (await post("/confirm", { token }, "application/json")).json();
    expect(await confirm()).toMatchObject({ manageToken: expect.any(String) });
    await post("/manage/revoke", { token: tokenIn(digest, "/manage") });
    expect(await confirm()).not.toHaveProperty("manageToken");
    expect(await (await post("/confirm", { token })).text()).not.toContain("token=");
  });

  it("of before the upgrade ends as many days after it, or when it is revoked", async () => {
    const token = signLink("manage", id, KEYS);
    await sql.query("UPDATE markers SET at = $1 WHERE name = 'endless_manage_links'", [MORNING]);
    expect((await api("GET", token)).status).toBe(200);
    service.setTime(later(MANAGE_VALID_DAYS + 1));
    expect([(await api("GET", token)).status, (await get(`/manage?token=${token}`)).status]).toEqual([
      401, 410,
    ]);
    service.setTime(later(1));
    await post("/manage/revoke", { token });
    expect((await api("GET", token)).status).toBe(401);
  });

  it("comes by mail to who asks for one, three times a day, and ends no other", async () => {
    const links = async () =>
      (await service.mails()).filter(({ subject }) => subject.startsWith("Your link")).length;
    const before = await links();
    for (let n = 0; n < 5; n++)
      expect((await post("/manage/link", { email: "Reader0+x@example.org" })).status).toBe(200);
    expect((await links()) - before).toBe(3);
    const mail = (await service.mails()).at(-1) as Mail;
    expect(mail.to).toBe(EMAIL);
    for (const token of [tokenIn(mail, "/manage"), tokenIn(digest, "/manage")])
      expect((await api("GET", token)).status).toBe(200);
  });

  it("is asked for with the same answer for a reader, for who never confirmed, and for nobody", async () => {
    const pending = { address: "pending@example.org", key: "pending@example.org" };
    await service.store.subscriptions.request(
      pending,
      { ...(await service.store.subscriptions.find(id))?.order } as never,
      MORNING,
    );
    const answers = [];
    for (const email of [EMAIL, pending.address, "nobody@example.org"])
      for (const accept of ["text/html", "application/json"]) {
        const answer = await post("/manage/link", { email }, accept, `203.0.113.${answers.length}`);
        answers.push(`${answer.status} ${[...answer.headers.keys()]} ${await answer.text()}`);
      }
    expect(new Set(answers).size).toBe(2);
    const mailed = (await service.mails()).filter(({ subject }) => subject.startsWith("Your link")).at(-1);
    expect(mailed?.to).toBe(EMAIL);
  });

  it("is asked for from one network ten times an hour at most, with an address only", async () => {
    const statuses = [];
    for (let n = 0; n < 11; n++)
      statuses.push((await post("/manage/link", { email: `r${n}@example.net` })).status);
    expect(statuses).toEqual([...Array(10).fill(200), 429]);
    expect(
      (await post("/manage/link", { email: "a@b, c@example.org" }, "text/html", "203.0.113.1")).status,
    ).toBe(400);
  });
});
