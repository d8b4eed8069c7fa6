import { addReaders, gatePapers, publish } from "@paperboy/harness/readers";
import { linkIn, startService, type TestService } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

let service: TestService;

let sql: pg.Pool;

beforeAll(async () => {
  service = await startService();
  sql = new pg.Pool({ connectionString: service.databaseUrl });
});

afterAll(async () => {
  await sql.end();
  await service.close();
});

beforeEach(async () => {
  service.setTime(new Date("2026-11-24T09:00:00Z"));
  await sql.query("TRUNCATE subscribers, papers, suppressions, throttles CASCADE");
});

const ORDER = {
  email: "ada@example.org",
  topics: [{ name: "Gates", query: "gate*" }],
  cadence: "daily",
  time: "07:00",
  timezone: "Europe/Berlin",
};

const order = (change: object = {}) =>
  fetch(`${service.url}/api/v1/subscriptions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...ORDER, ...change }),
  });

const newest = async () => {
  const mail = (await service.mails()).at(-1);
  if (mail === undefined) throw new Error("no mail came");
  return mail;
};

async function confirmed() {
  await order();
  const link = linkIn(await newest(), "/confirm", service);
  expect((await fetch(link, { method: "POST" })).status).toBe(200);
}

/** A digest in the reader's inbox. */
async function digest() {
  await publish(service.store, gatePapers(3), new Date("2026-11-24T05:00:00Z"));
  await confirmed();
  service.setTime(new Date("2026-11-25T07:00:00Z"));
  expect(await runUntilDone(service.worker, new Date("2026-11-25T07:00:00Z"))).toMatchObject({
    submitted: 1,
  });
  return newest();
}

const statusOf = async () =>
  (await sql.query("SELECT status FROM subscriptions")).rows.map(({ status }) => status);

describe("the manage token", () => {
  it("shows, changes and ends one subscription, and no other", async () => {
    const mail = await digest();
    const token = new URL(linkIn(mail, "/manage", service)).searchParams.get("token") ?? "";
    const [{ id }] = (await sql.query("SELECT id FROM subscriptions")).rows as [{ id: string }];
    const call = (method: string, body?: object, target = id, bearer = token) =>
      fetch(`${service.url}/api/v1/subscriptions/${target}`, {
        method,
        headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
    expect(await (await call("GET")).json()).toMatchObject({ timezone: "Europe/Berlin", time: "07:00" });
    expect((await call("PATCH", { time: "18:30", topics: [{ query: "mamba" }] })).status).toBe(200);
    expect(await (await call("GET")).json()).toMatchObject({ time: "18:30", topics: [{ query: "mamba" }] });
    expect((await call("PATCH", { topics: [{ query: "(" }] })).status).toBe(400);
    expect((await call("GET", undefined, id, "nonsense")).status).toBe(401);
    const [other] = await addReaders(service.store, 1, new Date("2026-11-24T09:00:00Z"));
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const change = method === "PATCH" ? { time: "06:00" } : undefined;
      expect((await call(method, change, other)).status).toBe(403);
    }
    expect((await call("GET", undefined, `${other}/export`)).status).toBe(403);
    expect((await call("DELETE")).status).toBeLessThan(300);
    expect((await statusOf()).sort()).toEqual(["active", "unsubscribed"]);
  });
});
