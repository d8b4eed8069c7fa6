import { SettingError } from "@paperboy/core";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { ADMIN_TOKEN, startService } from "@paperboy/harness/service";
import { describe, expect, it } from "vitest";
import { readApiConfig } from "../src/config.ts";
import { browser, NOW, serveAdministrators, service, sql } from "./admin-service.ts";

serveAdministrators();

const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

const settings = { SECRET_KEYS, PUBLIC_URL: "https://papers.example.org" };

describe("the admin's token", () => {
  it.each(["a", "x".repeat(23), " ".repeat(24), "twenty four characters !", "ключ-ключ-ключ-ключ-ключ-ключ"])(
    "%j is refused, naming the setting",
    (token) => {
      for (const name of ["ADMIN_TOKEN", "METRICS_TOKEN"]) {
        expect(() => readApiConfig({ ...settings, [name]: token })).toThrow(SettingError);
        expect(() => readApiConfig({ ...settings, [name]: token })).toThrow(new RegExp(`^${name} `));
      }
    },
  );

  it("needs 24 characters, or is absent", () => {
    expect(readApiConfig({ ...settings, ADMIN_TOKEN: "x".repeat(24) }).adminToken).toBe("x".repeat(24));
    expect(readApiConfig({ ...settings, ADMIN_TOKEN: "" }).adminToken).toBeUndefined();
  });
});

describe("wrong tokens", () => {
  const api = (token: string, from = "198.51.100.1") =>
    fetch(`${service.url}/api/v1/admin/subscribers`, {
      headers: { authorization: `Bearer ${token}`, "x-forwarded-for": from },
    });
  const hook = (token: string) =>
    fetch(`${service.url}/api/v1/admin/bounces/postmark`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "x-forwarded-for": "198.51.100.1",
      },
      body: "{}",
    });
  const metrics = (token: string) =>
    fetch(`${service.url}/metrics`, {
      headers: { authorization: `Bearer ${token}`, "x-forwarded-for": "198.51.100.1" },
    });
  const doors: [string, (token: string) => Promise<Response>, number][] = [
    ["sign-in", (token) => browser("198.51.100.1").signIn(token), 401],
    ["the API", api, 401],
    ["webhooks", hook, 401],
    ["metrics", metrics, 401],
  ];

  it.each(doors)(
    "are few at %s, and then the right one is refused as well, at every door",
    async (_name, door, status) => {
      const answers: number[] = [];
      for (let n = 0; n < 12; n++) answers.push((await door(`wrong-${n}`)).status);
      expect(answers).toEqual([...Array(10).fill(status), 429, 429]);
      for (const [name, other] of doors) expect((await other(ADMIN_TOKEN)).status, name).toBe(429);
      const refused = await browser("198.51.100.1").signIn();
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await browser("203.0.113.5").signIn()).status).toBe(303);
      service.setTime(later(16));
      expect((await api(ADMIN_TOKEN)).status).toBe(200);
      expect((await browser().signIn()).status).toBe(303);
    },
  );

  it("do not get through in a burst, nor from one /64, nor from this machine", async () => {
    const burst = await Promise.all(
      Array.from({ length: 300 }, (_, n) => browser(`2001:db8:1:2::${n.toString(16)}`).signIn(`wrong-${n}`)),
    );
    expect(burst.filter(({ status }) => status === 429).length).toBeGreaterThan(200);
    const local = await startService({ PUBLIC_URL: "http://localhost:3000" }, NOW);
    const answers = [];
    for (let n = 0; n < 11; n++)
      answers.push(
        (
          await fetch(`${local.url}/admin/sign-in`, {
            method: "POST",
            body: new URLSearchParams({ token: "no" }),
          })
        ).status,
      );
    expect(answers).toEqual([...Array(10).fill(401), 429]);
    await local.close();
  });

  it("are not what right ones are counted as", async () => {
    for (let n = 0; n < 15; n++) expect((await api(ADMIN_TOKEN)).status).toBe(200);
  });
});

describe("a session", () => {
  it("ends on the server at sign-out: its cookie opens nothing any more", async () => {
    const person = browser();
    expect((await person.signIn()).status).toBe(303);
    expect(await person.isIn()).toBe(true);
    const stolen = browser();
    stolen.take(person.cookie());
    expect(await stolen.isIn()).toBe(true);
    const form = await person.form();
    expect((await person.post("/admin/sign-out", { form })).status).toBe(303);
    expect([await person.isIn(), await stolen.isIn()]).toEqual([false, false]);
    expect((await stolen.post("/admin/suppress", { form, email: "ada@example.org" })).status).toBe(403);
    expect((await sql.query("SELECT FROM admin_sessions")).rowCount).toBe(0);
  });

  it("ends twelve hours after it began, whatever is done in it", async () => {
    const person = browser();
    await person.signIn();
    for (const hours of [4, 8, 11.9]) {
      service.setTime(later(hours * 60));
      const answer = await person.post("/admin/suppress", {
        form: await person.form(),
        email: `a${hours}@example.org`,
      });
      expect(answer.status).toBe(303);
    }
    service.setTime(later(12 * 60 + 1));
    expect(await person.isIn()).toBe(false);
  });

  it("gets another cookie with each change, and the one before works a minute longer", async () => {
    const person = browser();
    await person.signIn();
    const first = person.cookie();
    await person.post("/admin/suppress", { form: await person.form(), email: "ada@example.org" });
    expect(person.cookie()).not.toBe(first);
    const old = browser();
    old.take(first);
    expect([await person.isIn(), await old.isIn()]).toEqual([true, true]);
    service.setTime(later(2));
    expect([await person.isIn(), await old.isIn()]).toEqual([true, false]);
  });

  it("begins with a cookie that nobody chose, and ends the one before", async () => {
    const person = browser();
    person.take("paperboy_admin=chosen-by-somebody-else");
    await person.signIn();
    expect(person.cookie()).not.toContain("chosen");
    const first = person.cookie();
    await person.signIn();
    const old = browser();
    old.take(first);
    expect([await person.isIn(), await old.isIn()]).toEqual([true, false]);
  });

  it("is kept as a hash, hidden from scripts and other sites, and takes forms of its own only", async () => {
    const person = browser();
    const answer = await person.signIn();
    const header = answer.headers.get("set-cookie") ?? "";
    expect(header).toMatch(/HttpOnly/);
    expect(header).toMatch(/SameSite=Strict/);
    const kept = JSON.stringify((await sql.query("SELECT * FROM admin_sessions")).rows);
    expect(kept).not.toContain(person.cookie().split("=")[1]);
    const other = browser("203.0.113.9");
    await other.signIn();
    expect(
      (await person.post("/admin/suppress", { form: await other.form(), email: "ada@example.org" })).status,
    ).toBe(403);
  });

  it("ends when the token is changed", async () => {
    const person = browser();
    await person.signIn();
    const changed = await startService(
      { ADMIN_TOKEN: "another-admin-token-9876543210", TRUST_PROXY: "1" },
      NOW,
    );
    await changed.store.adminSessions.start("x", later(60), NOW);
    const visitor = browser("198.51.100.1", () => changed.url);
    visitor.take(person.cookie());
    expect(await visitor.isIn()).toBe(false);
    await changed.close();
  });
});
