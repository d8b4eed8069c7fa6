import { bounceAddress, parseSigningKeys } from "@paperboy/core";
import { takeBounce } from "@paperboy/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addReaders, gatePapers, publish } from "../harness/readers.ts";
import { SECRET_KEYS, startService, type TestService } from "../harness/service.ts";

let service: TestService;
const keys = parseSigningKeys(SECRET_KEYS);
const yesterday = new Date("2026-11-23T12:00:00Z");
const now = new Date("2026-11-24T09:00:00Z");

beforeAll(async () => {
  service = await startService({ TRUST_PROXY: "1" }, now);
  await publish(service.store, gatePapers(3), yesterday);
  await addReaders(service.store, 6, yesterday);
  const { runUntilDone } = await import("@paperboy/worker");
  await runUntilDone(service.worker, now);
});
afterAll(() => service.close());

const deliveries = async () =>
  (await service.store.deliveries.list({ limit: 50 })).filter(
    ({ kind, status }) => kind === "digest" && status === "submitted",
  );
const dsn = (to: string, status: string, action = "failed") =>
  Buffer.from(
    `From: MAILER-DAEMON@mx.example.net\r\nTo: ${to}\r\nReturn-Path: <>\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; reader@example.org\r\nAction: ${action}\r\nStatus: ${status}\r\nDiagnostic-Code: smtp; 550 ${status} gone\r\n--b--\r\n`,
  );
const arf = (to: string) =>
  Buffer.from(
    `From: fbl@mail.example.net\r\nTo: ${to}\r\nSubject: complaint\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nAn abuse report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: X/1\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: digest@papers.example.org\r\nSubject: x\r\n\r\n--b--\r\n`,
  );
const take = async (raw: Buffer, at = now) => {
  const { kind, applied } = await takeBounce(service.store, raw, keys, at);
  return { kind, applied };
};
const suppressed = async () => (await service.store.suppressions.list(100)).length;

describe("a mail that came back", () => {
  it("to the return path of a delivery suppresses the address, once, however many copies come", async () => {
    const [delivery] = await deliveries();
    const raw = dsn(bounceAddress(delivery?.id ?? "", "papers.example.org", keys), "5.1.1");
    const taken = [];
    for (let n = 0; n < 200; n++) taken.push(await take(raw));
    expect(taken.filter(({ applied }) => applied)).toHaveLength(1);
    expect(taken[0]).toMatchObject({ kind: "hard" });
    expect(await service.store.suppressions.among([delivery?.email ?? ""])).toEqual(
      new Set([delivery?.email]),
    );
  });

  it("with a forged or unknown token changes nothing", async () => {
    const before = await suppressed();
    const [, delivery] = await deliveries();
    const real = bounceAddress(delivery?.id ?? "", "papers.example.org", keys);
    const forged = real.replace(/\.(.)/, (_, digit) => `.${digit === "0" ? "1" : "0"}`);
    const unknown = bounceAddress("00000000-0000-4000-8000-000000000000", "papers.example.org", keys);
    for (const to of [forged, unknown, "digest@papers.example.org"]) {
      expect(await take(dsn(to, "5.1.1"))).toEqual({ kind: "hard", applied: false });
    }
    expect(await suppressed()).toBe(before);
  });

  it("softly is forgiven, and a warning counts nothing", async () => {
    const [, , delivery] = await deliveries();
    const to = bounceAddress(delivery?.id ?? "", "papers.example.org", keys);
    expect(await take(dsn(to, "4.2.2", "delayed"))).toEqual({ kind: "soft", applied: false });
    expect(await take(dsn(to, "4.2.2"))).toEqual({ kind: "soft", applied: true });
    expect(await service.store.suppressions.among([delivery?.email ?? ""])).toEqual(new Set());
  });

  it("as a complaint unsubscribes at once", async () => {
    const [, , , delivery] = await deliveries();
    const before = await service.store.subscriptions.counts();
    expect(await take(arf(bounceAddress(delivery?.id ?? "", "papers.example.org", keys)))).toEqual({
      kind: "complaint",
      applied: true,
    });
    expect((await service.store.subscriptions.counts()).unsubscribed).toBe(before.unsubscribed + 1);
    expect(await service.store.suppressions.among([delivery?.email ?? ""])).toEqual(
      new Set([delivery?.email]),
    );
  });
});

describe("a victim of the form", () => {
  const ask = (email: string, forwarded = "") =>
    fetch(`${service.url}/api/v1/subscriptions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(forwarded && { "x-forwarded-for": forwarded }) },
      body: JSON.stringify({
        email,
        topics: [{ query: "gates" }],
        cadence: "daily",
        time: "07:00",
        timezone: "UTC",
      }),
    });

  it("gets one confirmation in 24 hours, however the address is written, and the answer is always the same", async () => {
    const answers = new Set<string>();
    let answered = 0; // each from another visitor
    const count = async () =>
      (await service.mails()).filter(({ to }) => /victim/i.test(to.replaceAll(".", ""))).length;
    for (const spelling of [
      "victim@gmail.com",
      "VICTIM@gmail.com",
      "v.i.c.t.i.m@gmail.com",
      "victim+a@googlemail.com",
    ]) {
      for (let n = 0; n < 25; n++) {
        const response = await ask(spelling, `198.51.100.${answered++}`);
        answers.add(`${response.status} ${await response.text()}`);
      }
    }
    expect(answers.size).toBe(1);
    expect(await count()).toBe(1);
    service.setTime(new Date(now.getTime() + 25 * 3_600_000));
    await ask("victim@gmail.com");
    expect(await count()).toBe(2);
    service.setTime(now);
  });
});

describe("a pause", () => {
  it("lets no digest come before its date, and loses no paper", async () => {
    const delivery = (await deliveries())[2];
    const id = (await service.store.subscriptions.findByAddress(delivery?.email ?? "")) ?? "";
    const headers = {
      authorization: `Bearer ${service.worker.pages.manageToken({ id, manageRevision: 0 }, now)}`,
      "content-type": "application/json",
    };
    const patch = async (body: object) =>
      (
        await fetch(`${service.url}/api/v1/subscriptions/${id}`, {
          method: "PATCH",
          headers,
          body: JSON.stringify(body),
        })
      ).json();
    const paused = await patch({ pausedUntil: "2026-12-24" });
    expect(paused).toMatchObject({
      pausedUntil: "2026-12-24",
      nextDueAt: expect.stringMatching(/^2026-12-24T/),
    });
    expect(await patch({ time: "09:00" })).toMatchObject({ nextDueAt: "2026-12-24T09:00:00.000Z" });
    const ended = await patch({ pausedUntil: null });
    expect(ended).toMatchObject({ pausedUntil: null, nextDueAt: expect.stringMatching(/^2026-11-/) });
  });
});

describe("a reader's data", () => {
  it("can be read and erased by the reader; a suppression survives as a hash", async () => {
    const [, , , , delivery] = await deliveries();
    const id = await service.store.subscriptions.findByAddress(delivery?.email ?? "");
    await service.store.suppressions.add(delivery?.email ?? "", "operator", null);
    const token = service.worker.pages.manageToken({ id: id ?? "", manageRevision: 0 }, now);
    const headers = { authorization: `Bearer ${token}` };
    const about = await (await fetch(`${service.url}/api/v1/subscriptions/${id}/export`, { headers })).json();
    expect(about).toMatchObject({ email: delivery?.email, topics: [{ query: expect.any(String) }] });
    expect(JSON.stringify(about)).toContain(delivery?.id);
    const gone = await fetch(`${service.url}/api/v1/subscriptions/${id}?erase=true`, {
      method: "DELETE",
      headers,
    });
    expect(gone.status).toBe(204);
    expect(await service.store.subscriptions.findByAddress(delivery?.email ?? "")).toBeNull();
    expect(await service.store.suppressions.among([delivery?.email ?? ""])).toEqual(
      new Set([delivery?.email]),
    );
  });
});
