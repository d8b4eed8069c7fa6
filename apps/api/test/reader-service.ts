import { gatePapers, publish } from "@paperboy/harness/readers";
import { linkIn, startService, type TestService } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";

export let service: TestService;

export let sql: pg.Pool;

export const ORDER = {
  email: "ada@example.org",
  topics: [{ name: "Gates", query: "gate*" }],
  cadence: "daily",
  time: "07:00",
  timezone: "Europe/Berlin",
};

export const order = (change: object = {}) =>
  fetch(`${service.url}/api/v1/subscriptions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...ORDER, ...change }),
  });

export const newest = async () => {
  const mail = (await service.mails()).at(-1);
  if (mail === undefined) throw new Error("no mail came");
  return mail;
};

export async function confirmed() {
  await order();
  const link = linkIn(await newest(), "/confirm", service);
  expect((await fetch(link, { method: "POST" })).status).toBe(200);
}

/** A digest in the reader's inbox. */
export async function digest() {
  await publish(service.store, gatePapers(3), new Date("2026-11-24T05:00:00Z"));
  await confirmed();
  service.setTime(new Date("2026-11-25T07:00:00Z"));
  expect(await runUntilDone(service.worker, new Date("2026-11-25T07:00:00Z"))).toMatchObject({
    submitted: 1,
  });
  return newest();
}

export const statusOf = async () =>
  (await sql.query("SELECT status FROM subscriptions")).rows.map(({ status }) => status);

/** Starts a service with a reader's order to give it, empty before each test at 9:00 of 24 November. */
export function serveReaders(): void {
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
}
