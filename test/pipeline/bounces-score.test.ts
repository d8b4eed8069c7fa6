import { bounceAddress } from "@paperboy/core";
import { runUntilDone, takeBounce } from "@paperboy/worker";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gatePapers, publish } from "../harness/readers.ts";
import { complaint, keys, report, type SentMail, sendDigests, sentMails } from "../harness/returned-mail.ts";
import { startService, type TestService } from "../harness/service.ts";

const DAY = 24 * 3_600_000;
const start = new Date("2026-11-24T09:00:00Z");
const day = (n: number, ms = 0) => new Date(start.getTime() + n * DAY + ms);

let service: TestService;
beforeEach(async () => {
  service = await startService({}, start);
});
afterEach(() => service.close());

const take = async (raw: Buffer, at: Date) => {
  const { kind, applied } = await takeBounce(service.store, raw, keys, at);
  return { kind, applied };
};
const isGivenUp = async (email: string) => (await service.store.suppressions.among([email])).has(email);

/** Some readers, and a digest for each on each of these days. */
async function digestsOn(readers: number, ...days: number[]): Promise<SentMail[]> {
  await sendDigests(service, readers, day(days[0] ?? 0));
  for (const [index, n] of days.slice(1).entries()) {
    await publish(service.store, gatePapers(1, index + 1), day(n, -DAY / 2));
    await runUntilDone(service.worker, day(n));
  }
  const mails = await sentMails(service);
  expect(mails).toHaveLength(readers * days.length);
  return mails;
}

/** Takes a soft bounce of each mail, on its day; tells after which of them the address was given up. */
async function givenUpAfter(mails: readonly SentMail[], days: readonly number[]): Promise<number | null> {
  for (const [index, mail] of mails.entries()) {
    await take(report(mail.returnPath, "5.2.2"), day(days[index] ?? 0, 3_600_000));
    if (await isGivenUp(mail.email)) return index + 1;
  }
  return null;
}

describe("soft bounces", () => {
  it.each([
    [[0, 1, 2, 3, 4], 4],
    [[0, 7, 14, 21, 28], 5],
    [[0, 30, 60, 90, 120, 150], null],
  ])("of days %j give the address up after %j", async (days, expected) => {
    expect(await givenUpAfter(await digestsOn(1, ...days), days)).toBe(expected);
  });

  it("that come together, minutes apart, are three when they are of three mails", async () => {
    const mails = await digestsOn(1, 0, 1, 2);
    const [first, second, third] = mails.map(({ returnPath }) => returnPath) as [string, string, string];
    const { email } = mails[0] as SentMail;
    await take(report(first, "5.2.2"), day(3));
    await take(report(second, "4.2.2"), day(3, 60_000));
    expect(await isGivenUp(email)).toBe(false);
    await take(report(third, "5.7.1"), day(3, 120_000));
    expect(await isGivenUp(email)).toBe(true);
  });

  it("of three mails at the very same time are three as well", async () => {
    const mails = await digestsOn(3, 0, 1, 2);
    const gate = new pg.Client(service.databaseUrl);
    await gate.connect();
    await gate.query("BEGIN; LOCK TABLE bounces IN SHARE MODE");
    const taken = Promise.all(mails.map(({ returnPath }) => take(report(returnPath, "5.2.2"), day(3))));
    const waiting =
      "SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'bounces'::regclass";
    await expect.poll(async () => (await gate.query(waiting)).rows[0].n).toBe(mails.length);
    await gate.query("COMMIT");
    await gate.end();
    expect(await taken).toHaveLength(9);
    for (const { email } of mails) expect(await isGivenUp(email), email).toBe(true);
  });

  it("of one mail count once, whatever they say, and warnings count nothing", async () => {
    const [mail] = (await digestsOn(1, 0)) as [SentMail];
    for (const status of ["4.2.2", "4.4.1", "4.7.1", "4.2.2", "4.3.2"]) {
      expect(await take(report(mail.returnPath, status, "delayed"), day(1))).toEqual({
        kind: "soft",
        applied: false,
      });
    }
    expect(await take(report(mail.returnPath, "5.2.2"), day(1))).toEqual({ kind: "soft", applied: true });
    for (const status of ["5.2.2", "4.4.7", "5.7.1"]) {
      expect(await take(report(mail.returnPath, status), day(2))).toEqual({ kind: "soft", applied: false });
    }
    expect(await isGivenUp(mail.email)).toBe(false);
  });

  it("do not hide that the address turned out to be dead", async () => {
    const [mail] = (await digestsOn(1, 0)) as [SentMail];
    await take(report(mail.returnPath, "5.2.2"), day(0));
    expect(await take(report(mail.returnPath, "5.1.1"), day(1))).toEqual({ kind: "hard", applied: true });
    expect(await isGivenUp(mail.email)).toBe(true);
  });
});

describe("a confirmation that comes back", () => {
  const order = { topics: [{ query: "gates" }], cadence: "daily", time: "07:00", timezone: "UTC" };
  const ask = (email: string) =>
    fetch(`${service.url}/api/v1/subscriptions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, ...order }),
    });
  const confirmations = async (email: string) =>
    (await service.mails()).filter(({ to }) => to === email).length;

  it.each([
    ["because nobody is there", (to: string) => report(to, "5.1.1"), "hard"],
    ["as a complaint", complaint, "complaint"],
  ])("%s is the last that address gets", async (_why, cameBack, kind) => {
    const email = "victim@example.net";
    await ask(email);
    expect(await confirmations(email)).toBe(1);
    const [sent] = await service.store.deliveries.list({ status: "submitted", limit: 1 });
    const raw = cameBack(bounceAddress(sent?.id ?? "", "bounces.example.org", keys));
    expect(await take(raw, start)).toEqual({ kind, applied: true });
    expect(await isGivenUp(email)).toBe(true);
    for (const n of [2, 40, 400]) {
      service.setTime(day(n));
      expect((await ask(email)).status).toBe(202);
      expect(await confirmations(email)).toBe(1);
    }
    expect(await service.store.deliveries.counts("confirmation")).toEqual({ submitted: 1, suppressed: 3 });
  });
});
