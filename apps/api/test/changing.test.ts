import { gatePapers, publish } from "@paperboy/harness/readers";
import { linkIn, startService, type TestService } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const TODAY = new Date("2026-11-25T07:00:00Z");

let service: TestService;
let sql: pg.Pool;
let token: string;
let id: string;
beforeAll(async () => {
  service = await startService();
  sql = new pg.Pool({ connectionString: service.databaseUrl });
});
afterAll(async () => {
  await sql.end();
  await service.close();
});
/** A reader who has had a digest, and its manage token. */
beforeEach(async () => {
  await sql.query("DROP TRIGGER IF EXISTS broken ON subscriptions");
  await sql.query("TRUNCATE subscribers, papers, suppressions, throttles CASCADE");
  service.setTime(new Date("2026-11-24T09:00:00Z"));
  await publish(service.store, gatePapers(3), new Date("2026-11-24T05:00:00Z"));
  await fetch(`${service.url}/api/v1/subscriptions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      email: "ada@example.org",
      topics: [{ name: "Gates", query: "gate*" }],
      cadence: "daily",
      time: "07:00",
      timezone: "Europe/Berlin",
    }),
  });
  await fetch(linkIn(await newest(), "/confirm", service), { method: "POST" });
  service.setTime(TODAY);
  await runUntilDone(service.worker, TODAY);
  token = new URL(linkIn(await newest(), "/manage", service)).searchParams.get("token") ?? "";
  id = (await sql.query<{ id: string }>("SELECT id FROM subscriptions")).rows[0]?.id ?? "";
});

const newest = async () => {
  const mail = (await service.mails()).at(-1);
  if (mail === undefined) throw new Error("no mail came");
  return mail;
};

const call = (method: string, body?: object) =>
  fetch(`${service.url}/api/v1/subscriptions/${id}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

const read = async () => (await call("GET")).json() as Promise<Record<string, unknown>>;

/** Makes the database refuse what writes this column. */
const breakWritesOf = (column: string) =>
  sql.query(`
    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
    CREATE TRIGGER broken BEFORE UPDATE OF ${column} ON subscriptions FOR EACH ROW EXECUTE FUNCTION refuse()`);

describe("a change of a subscription", () => {
  it("is made of all its parts", async () => {
    expect((await call("DELETE")).status).toBe(204);
    const change = {
      time: "18:30",
      topics: [{ query: "mamba" }],
      pausedUntil: "2026-12-10",
      status: "active",
    };
    const answer = await call("PATCH", change);
    expect(answer.status).toBe(200);
    const now = await answer.json();
    expect(now).toMatchObject({ ...change, nextDueAt: "2026-12-10T17:30:00.000Z" });
    expect(await read()).toEqual(now);
  });

  it.each<[string, object]>([
    ["a query that cannot be read", { topics: [{ query: "(" }] }],
    ["nothing to come", { topics: [], trending: false }],
    ["a pause that is no date", { pausedUntil: "2026-02-30" }],
    ["a pause in a year that the calendar does not have", { pausedUntil: "0000-01-01" }],
    ["a field that is none", { wekday: 3 }],
  ])("of which a part is refused changes nothing: %s", async (_, part) => {
    const before = await read();
    const answer = await call("PATCH", { time: "18:30", maxPapers: 7, pausedUntil: "2026-12-10", ...part });
    expect(answer.status).toBe(400);
    expect(await read()).toEqual(before);
  });

  it.each(["paused_until", "unsubscribed_at"])(
    "that fails on the way, at %s, changes nothing",
    async (column) => {
      await call("DELETE");
      const before = await read();
      await breakWritesOf(column);
      const change = {
        time: "18:30",
        topics: [{ query: "mamba" }],
        pausedUntil: "2026-12-10",
        status: "active",
      };
      expect((await call("PATCH", change)).status).toBe(500);
      expect(await read()).toEqual(before);
    },
  );

  it("at the same moment as another loses neither", async () => {
    const answers = await Promise.all([call("PATCH", { time: "18:30" }), call("PATCH", { maxPapers: 7 })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await read()).toMatchObject({ time: "18:30", maxPapers: 7 });
  });
});

describe("a pause on the page", () => {
  it("refuses a date that the calendar does not have", async () => {
    const answer = await fetch(`${service.url}/manage/pause`, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ token, until: "0000-01-01" }),
    });
    expect(answer.status).toBe(400);
    expect(await read()).toMatchObject({ pausedUntil: null });
  });
});
