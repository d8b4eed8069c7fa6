import { linkIn } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";
import { describe, expect, it } from "vitest";
import { digest, newest, order, serveReaders, service, sql, statusOf } from "./reader-service.ts";

serveReaders();

/** Everything that could change, as one text. */
async function everything(): Promise<string> {
  const tables = [
    "subscribers",
    "subscriptions",
    "subscription_requests",
    "topics",
    "deliveries",
    "suppressions",
  ];
  const rows = await Promise.all(tables.map((table) => sql.query(`SELECT * FROM ${table} ORDER BY 1`)));
  return JSON.stringify(rows.map((result) => result.rows));
}

describe("ordering", () => {
  it("is answered the same for known, pending, unsubscribed and suppressed addresses", async () => {
    const answer = async () => {
      const { status, headers } = await order();
      return { status, type: headers.get("content-type"), body: await (await order()).text() };
    };
    const unknown = await answer();
    expect(unknown.status).toBe(202);
    expect(await answer()).toEqual(unknown);
    await fetch(linkIn(await newest(), "/confirm", service), { method: "POST" });
    expect(await statusOf()).toEqual(["active"]);
    expect(await answer()).toEqual(unknown);
    await sql.query("UPDATE subscriptions SET status = 'unsubscribed'");
    expect(await answer()).toEqual(unknown);
    await service.store.suppressions.add("ada@example.org", "operator", null);
    expect(await answer()).toEqual(unknown);
  });

  it.each([
    "ada@example.org, eve@example.org",
    "ada@example.org;eve@example.org",
    "Ada <ada@example.org>",
    "friends: ada@example.org;",
    "ada@example.org\r\nBcc: eve@example.org",
    "ada@example.org\u0000",
    "ada@localhost",
    "ada@",
    "@example.org",
    "ada",
    "a da@example.org",
    "ada@exa mple.org",
    "ada..b@example.org",
    ".ada@example.org",
    "(comment)ada@example.org",
    '"ada b"@example.org',
    `${"a".repeat(65)}@example.org`,
    `ada@${"a".repeat(64)}.org`,
    "",
    17,
    null,
    ["ada@example.org"],
  ])("refuses %j as an address, by name, and keeps nothing", async (email) => {
    const answer = await order({ email });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(((await answer.json()) as { errors: { field: string }[] }).errors[0]?.field).toBe("email");
    expect((await sql.query("SELECT 1 FROM subscribers")).rowCount).toBe(0);
  });

  it.each<[string, object]>([
    ["topics.0.query", { topics: [{ query: "(open" }] }],
    ["topics.0.query", { topics: [{ query: "" }] }],
    ["topics.0.query", { topics: [{ query: "-only" }] }],
    ["topics.0.query", { topics: [{ query: "gate after:2026-01-01" }] }],
    ["cadence", { cadence: "hourly" }],
    ["weekday", { cadence: "weekly", weekday: 8 }],
    ["time", { time: "25:00" }],
    ["time", { time: "7 o'clock" }],
    ["timezone", { timezone: "Mars/Olympus" }],
    ["maxPapers", { maxPapers: 0 }],
    ["maxPapers", { maxPapers: 1e9 }],
    ["topics", { topics: [], trending: false }],
  ])("names %s in %j", async (field, change) => {
    const answer = await order(change);
    expect(answer.status).toBe(400);
    const { errors } = (await answer.json()) as { errors: { field: string; message: string }[] };
    expect(errors[0]?.field.replaceAll(/\[(\d+)\]/g, ".$1")).toBe(field);
    expect(errors[0]?.message.length).toBeGreaterThan(3);
  });

  it("says where a query goes wrong", async () => {
    const answer = await order({ topics: [{ query: "gate AND mamba" }] });
    const { errors } = (await answer.json()) as { errors: { column: number; suggestion: string }[] };
    expect(errors[0]).toMatchObject({ column: 6, suggestion: expect.stringContaining("gate mamba") });
  });

  it("puts nothing the visitor wrote into the confirmation", async () => {
    await order({ topics: [{ name: "Buy pills http://evil.example", query: "pills" }] });
    const { raw } = await newest();
    expect(raw.toString()).not.toMatch(/pills|evil/);
  });
});

describe("links of a mail", () => {
  it("change nothing when they are followed, by GET or HEAD", async () => {
    await order();
    const confirmation = await newest();
    const before = await everything();
    for (const method of ["GET", "HEAD"]) {
      expect((await fetch(linkIn(confirmation, "/confirm", service), { method })).status).toBe(200);
    }
    expect(await everything()).toBe(before);
    await sql.query("TRUNCATE subscribers, suppressions, throttles CASCADE");
    const mail = await digest();
    const sent = await everything();
    const links = [...`${mail.html} ${mail.text}`.matchAll(/http:\/\/papers\.test([^\s"')<>\]]*)/g)];
    const paths = new Set(links.map(([, path]) => (path ?? "").replaceAll("&amp;", "&")));
    expect([...paths].some((path) => path.startsWith("/unsubscribe"))).toBe(true);
    expect([...paths].some((path) => path.startsWith("/digests/"))).toBe(true);
    for (const path of paths) {
      for (const method of ["GET", "HEAD"]) {
        expect((await fetch(`${service.url}${path}`, { method })).status, `${method} ${path}`).toBe(200);
      }
    }
    expect(await everything()).toBe(sent);
  });

  it("confirm once, however often they are posted", async () => {
    await order();
    const link = linkIn(await newest(), "/confirm", service);
    for (let n = 0; n < 3; n++) expect((await fetch(link, { method: "POST" })).status).toBe(200);
    expect(await statusOf()).toEqual(["active"]);
  });

  const multipart = () => {
    const form = new FormData();
    form.set("List-Unsubscribe", "One-Click");
    return form;
  };
  it.each<[string, () => RequestInit]>([
    ["urlencoded", () => ({ body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) })],
    ["multipart", () => ({ body: multipart() })],
    ["empty", () => ({})],
  ])("stop the mail with one %s POST, without a cookie or a redirect", async (_name, request) => {
    const mail = await digest();
    const unfolded = mail.raw.toString().replace(/\r\n[ \t]+/g, " ");
    const header = /^List-Unsubscribe: (.*)$/im.exec(unfolded)?.[1];
    const url = /<(http[^>]+)>/.exec(header ?? "")?.[1]?.replace("http://papers.test", service.url) ?? "";
    expect(header).toContain("<mailto:");
    expect(mail.raw.toString()).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/im);
    for (let n = 0; n < 2; n++) {
      const answer = await fetch(url, { method: "POST", redirect: "manual", ...request() });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    expect(await statusOf()).toEqual(["unsubscribed"]);
    service.setTime(new Date("2026-11-26T07:00:00Z"));
    expect(await runUntilDone(service.worker, new Date("2026-11-26T07:00:00Z"))).toMatchObject({
      planned: 0,
    });
  });

  it("are refused when forged, cut, swapped or too old, and say so", async () => {
    await order();
    const link = new URL(linkIn(await newest(), "/confirm", service));
    const token = link.searchParams.get("token") ?? "";
    const forged = [
      token.slice(0, -2),
      `${token}x`,
      token.replace(/^./, (first) => (first === "a" ? "b" : "a")),
      "",
      "..",
      "%00",
    ];
    for (const wrong of forged) {
      const answer = await fetch(`${service.url}/confirm?token=${encodeURIComponent(wrong)}`, {
        method: "POST",
      });
      expect(answer.status, wrong).toBeGreaterThanOrEqual(400);
      expect(answer.status, wrong).toBeLessThan(500);
    }
    const swapped = await fetch(`${service.url}/unsubscribe?token=${token}`, { method: "POST" });
    expect(swapped.status).toBeGreaterThanOrEqual(400);
    service.setTime(new Date("2026-12-02T10:00:00Z"));
    expect((await fetch(link, { method: "POST" })).status).toBe(410);
    expect(await statusOf()).toEqual(["pending"]);
  });
});
