import { DAY_MS, signLink } from "@paperboy/core";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { linkIn, SECRET_KEYS, startService, type TestService } from "../../../test/harness/service.ts";

const NOW = new Date("2026-11-24T09:00:00Z");

const later = (days: number) => new Date(NOW.getTime() + days * DAY_MS);

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

const VICTIM = { query: "gates", time: "07:00", timezone: "Europe/Berlin", from: "198.51.100.1" };

const ATTACKER = { query: "spam", time: "03:00", timezone: "Asia/Tokyo", from: "203.0.113.66" };

const ask = ({ query, time, timezone, from }: typeof VICTIM, email = "ada@example.org") =>
  fetch(`${service.url}/api/v1/subscriptions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": from },
    body: JSON.stringify({
      email,
      topics: [{ name: "My topic", query }],
      time,
      timezone,
      cadence: "weekly",
      weekday: 3,
    }),
  });

/** Links to confirm, of the mails that came, oldest first. */
const confirmLinks = async () => {
  const mails = (await service.mails()).filter(({ subject }) => subject.startsWith("Confirm"));
  return mails.slice(seen).map((mail) => linkIn(mail, "/confirm", service));
};

let seen = 0;

beforeEach(async () => {
  seen = (await service.mails()).filter(({ subject }) => subject.startsWith("Confirm")).length;
});

const press = (link: string, from = "198.51.100.2") =>
  fetch(link, { method: "POST", headers: { accept: "text/html", "x-forwarded-for": from } });

const show = async (link: string) => (await fetch(link, { headers: { accept: "text/html" } })).text();

const ordered = async () =>
  (
    await sql.query(
      "SELECT s.status, t.query, s.timezone FROM subscriptions s LEFT JOIN topics t ON t.subscription_id = s.id",
    )
  ).rows;

const evidence = async () =>
  (
    await sql.query(
      "SELECT requested_from AS asked, confirmed_from AS confirmed FROM subscription_requests WHERE confirmed_at IS NOT NULL",
    )
  ).rows;

describe("a confirmation", () => {
  it.each([
    ["after", [VICTIM, ATTACKER]],
    ["before and after, often", [VICTIM, ATTACKER, ATTACKER, ATTACKER]],
  ])("confirms what its mail was sent for, though an attacker asks %s", async (_when, requests) => {
    for (const request of requests) expect((await ask(request)).status).toBe(202);
    const [link = "", ...others] = await confirmLinks();
    expect(others).toEqual([]);
    expect(await show(link)).toContain("gates");
    expect((await press(link)).status).toBe(200);
    expect(await ordered()).toEqual([{ status: "active", query: VICTIM.query, timezone: VICTIM.timezone }]);
    expect(await evidence()).toEqual([{ asked: VICTIM.from, confirmed: "198.51.100.2" }]);
  });

  it("shows an attacker's order before the press, with the attacker's address as evidence", async () => {
    await ask(ATTACKER);
    await ask(VICTIM);
    const [link = ""] = await confirmLinks();
    const page = await show(link);
    for (const told of ["spam", "Wednesday", "03:00", "Asia/Tokyo"]) expect(page).toContain(told);
    expect(page).not.toContain("gates");
    await press(link);
    expect(await evidence()).toEqual([{ asked: ATTACKER.from, confirmed: "198.51.100.2" }]);
  });

  it("holds against requests that come between the page and the press, in both of two tabs", async () => {
    await ask(VICTIM);
    const [first = ""] = await confirmLinks();
    service.setTime(later(1.1));
    expect(await show(first)).toContain("gates");
    await ask(ATTACKER);
    const [, second = ""] = await confirmLinks();
    expect(await show(second)).toContain("spam");
    expect(await show(first)).toContain("gates");
    const both = await Promise.all([press(first), press(first)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(await ordered()).toMatchObject([{ query: "gates" }]);
    expect(await evidence()).toHaveLength(1);
  });

  it("says what it replaces, with old and new, and replaces it only when pressed", async () => {
    await ask(VICTIM);
    const [first = ""] = await confirmLinks();
    await press(first);
    await ask(ATTACKER);
    const [, second = ""] = await confirmLinks();
    const page = await show(second);
    expect(page).toContain("replaces");
    for (const told of ["gates", "Europe/Berlin", "07:00", "spam", "Asia/Tokyo", "03:00"])
      expect(page).toContain(told);
    expect(await ordered()).toMatchObject([{ query: "gates" }]);
    expect(await show(first)).not.toContain("replaces");
    await press(second);
    await press(first); // confirmed long ago: changes nothing
    expect(await ordered()).toMatchObject([{ query: "spam" }]);
  });

  it("of a request that was confirmed already starts nothing that was stopped since", async () => {
    await ask(VICTIM);
    const [link = ""] = await confirmLinks();
    await press(link);
    await sql.query("UPDATE subscriptions SET status = 'unsubscribed', unsubscribed_at = now()");
    expect(await (await press(link)).text()).toContain("stopped");
    expect(await ordered()).toMatchObject([{ status: "unsubscribed" }]);
  });

  it("of another request says that it starts again what was stopped", async () => {
    await ask(VICTIM);
    await press((await confirmLinks())[0] ?? "");
    await ask(ATTACKER);
    await sql.query("UPDATE subscriptions SET status = 'unsubscribed', unsubscribed_at = now()");
    expect(await show((await confirmLinks())[1] ?? "")).toMatch(/stopped, and starts it again/);
    expect(await ordered()).toMatchObject([{ status: "unsubscribed", query: "gates" }]);
  });

  it("ends after seven days, and with the reader's erasure", async () => {
    await ask(VICTIM);
    const [link = ""] = await confirmLinks();
    service.setTime(later(7.1));
    for (const answer of [await press(link), await fetch(link)]) expect(answer.status).toBe(410);
    service.setTime(NOW);
    await sql.query("TRUNCATE subscribers, throttles CASCADE");
    await ask(ATTACKER);
    expect((await press(link)).status).toBe(404);
    expect(await ordered()).toMatchObject([{ status: "pending" }]);
  });

  it("with a token of before the upgrade confirms the request it names", async () => {
    await ask(VICTIM);
    const [{ id }] = (await sql.query("SELECT id FROM subscription_requests")).rows as [{ id: string }];
    const [keyId = "", secret = ""] = SECRET_KEYS.split(":");
    const token = signLink("confirm", id, [{ id: keyId, secret }], later(7));
    expect(token.split(".")).toHaveLength(4);
    expect((await press(`${service.url}/confirm?token=${token}`)).status).toBe(200);
    expect(await ordered()).toMatchObject([{ status: "active", query: "gates" }]);
  });

  it("with a token made for another order is refused", async () => {
    await ask(VICTIM);
    const [{ id }] = (await sql.query("SELECT id FROM subscription_requests")).rows as [{ id: string }];
    const [keyId = "", secret = ""] = SECRET_KEYS.split(":");
    const token = signLink("confirm", id, [{ id: keyId, secret }], later(7), "0123456789012345678901");
    expect((await press(`${service.url}/confirm?token=${token}`)).status).toBe(400);
    expect(await ordered()).toMatchObject([{ status: "pending" }]);
  });
});

it("a request cannot be changed, whoever tries", async () => {
  await ask(VICTIM);
  for (const change of [
    `"order" = '{}'`,
    "requested_from = '203.0.113.66'",
    "created_at = now()",
    "email = 'eve@example.org'",
  ])
    await expect(sql.query(`UPDATE subscription_requests SET ${change}`)).rejects.toThrow(
      "a request never changes",
    );
});

describe("one mailbox", () => {
  it.each(["outlook.com", "icloud.com", "proton.me", "yahoo.com", "example.org"])(
    "at %s gets one mail, whatever follows the +",
    async (domain) => {
      const answers = [];
      for (let n = 0; n < 25; n++)
        answers.push((await ask({ ...VICTIM, from: `192.0.2.${n}` }, `vic+${n}@${domain}`)).status);
      expect(new Set(answers)).toEqual(new Set([202]));
      expect(await confirmLinks()).toHaveLength(1);
      expect((await sql.query("SELECT FROM subscribers")).rowCount).toBe(1);
    },
  );

  it("has one subscription; mail goes to the address that was confirmed first", async () => {
    await ask(VICTIM, "v.ic+papers@gmail.com");
    await press((await confirmLinks())[0] ?? "");
    await ask(ATTACKER, "vic@googlemail.com");
    const mail = (await service.mails()).filter(({ subject }) => subject.startsWith("Confirm")).at(-1);
    expect(mail?.to).toContain("v.ic+papers@gmail.com");
    await press((await confirmLinks())[1] ?? "");
    expect((await sql.query("SELECT email FROM subscribers")).rows).toEqual([
      { email: "v.ic+papers@gmail.com" },
    ]);
    expect(await ordered()).toMatchObject([{ query: "spam" }]);
  });

  it("that nobody confirmed takes the spelling that is confirmed", async () => {
    await ask(ATTACKER, "vic+junk@gmail.com");
    expect(await confirmLinks()).toHaveLength(1);
    service.setTime(later(2));
    await ask(VICTIM, "vic@gmail.com");
    const mail = (await service.mails()).filter(({ subject }) => subject.startsWith("Confirm")).at(-1);
    expect(mail?.to).toBe("vic@gmail.com");
    await press((await confirmLinks())[1] ?? "");
    expect((await sql.query("SELECT email FROM subscribers")).rows).toEqual([{ email: "vic@gmail.com" }]);
  });
});
