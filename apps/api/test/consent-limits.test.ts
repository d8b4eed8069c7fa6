import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startService, type TestService } from "../../../test/harness/service.ts";

const NOW = new Date("2026-11-24T09:00:00Z");

let service: TestService;

let sql: pg.Pool;

beforeAll(async () => {
  service = await startService({ TRUST_PROXY: "1" }, NOW);
  sql = new pg.Pool({ connectionString: service.databaseUrl });
});

afterAll(async () => {
  await sql.end();
  await service.close();
});

beforeEach(async () => {
  service.setTime(NOW);
  await sql.query("TRUNCATE subscribers, throttles CASCADE");
});

it("a large domain has a limit too, and both are settings", async () => {
  const limited = await startService(
    { SUBSCRIBE_LIMIT_DOMAIN: "2", SUBSCRIBE_LIMIT_LARGE_DOMAIN: "3", TRUST_PROXY: "1" },
    NOW,
  );
  const statuses = async (domain: string) => {
    const all = [];
    for (let n = 0; n < 4; n++) {
      const answer = await fetch(`${limited.url}/api/v1/subscriptions`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": `192.0.2.${n}` },
        body: JSON.stringify({ email: `reader${n}@${domain}`, topics: [{ query: "gates" }] }),
      });
      all.push(answer.status);
    }
    return all;
  };
  expect(await statuses("small.example.org")).toEqual([202, 202, 429, 429]);
  expect(await statuses("gmail.com")).toEqual([202, 202, 202, 429]);
  await limited.close();
});

it("a proxy that was not declared does not free everybody of limits", async () => {
  const bare = await startService({}, NOW);
  const statuses = [];
  for (let n = 0; n < 40; n++) {
    const answer = await fetch(`${bare.url}/api/v1/subscriptions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": `192.0.2.${n}` },
      body: JSON.stringify({ email: `r${n}@a${n}.example.org`, topics: [{ query: "gates" }] }),
    });
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([...Array(30).fill(202), ...Array(10).fill(429)]);
  await bare.close();
});
