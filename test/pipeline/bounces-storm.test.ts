import { complaint, keys, report, type SentMail, sendDigests } from "@paperboy/harness/returned-mail";
import { startService, type TestService } from "@paperboy/harness/service";
import { createTransport, listenForBounces } from "@paperboy/mail";
import { takeBounce } from "@paperboy/worker";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";

const COPIES = 10_000;
const now = new Date("2026-11-24T09:00:00Z");

let service: TestService;
let mails: SentMail[];
let sql: pg.Client;
beforeEach(async () => {
  service = await startService({}, now);
  mails = await sendDigests(service, 3, now);
  sql = new pg.Client(service.databaseUrl);
  await sql.connect();
});
afterEach(async () => {
  await sql.end();
  await service.close();
});

const first = async (query: string) => (await sql.query(query)).rows[0];
/** Every row there is, by what it says and by the transaction that wrote it. */
const rows = async () => ({
  bounces: await first(
    "SELECT count(*)::int AS n, json_agg(json_build_array(xmin::text, b)) AS all FROM bounces b",
  ),
  suppressions: await first(
    "SELECT count(*)::int AS n, json_agg(json_build_array(xmin::text, x)) AS all FROM suppressions x",
  ),
  subscriptions: await first(
    "SELECT json_agg(json_build_array(xmin::text, s) ORDER BY id) AS all FROM subscriptions s",
  ),
  deliveries: await first(
    "SELECT json_agg(json_build_array(xmin::text, d) ORDER BY id) AS all FROM deliveries d",
  ),
});

it(`${COPIES} copies of one bounce change one row`, async () => {
  const raw = report(mails[0]?.returnPath ?? "", "5.2.2");
  const takeSome = (n: number) =>
    Promise.all(Array.from({ length: n }, () => takeBounce(service.store, raw, keys, now)));
  const taken = await takeSome(50);
  const after = await rows();
  expect(after.bounces.n).toBe(1);
  while (taken.length < COPIES) taken.push(...(await takeSome(50)));
  expect(taken.filter(({ applied }) => applied)).toHaveLength(1);
  expect(taken).toHaveLength(COPIES);
  expect(await rows()).toEqual(after);
});

it("copies that come over many connections at once are all taken, and one of them changes something", async () => {
  let applied = 0;
  const listener = await listenForBounces({ port: 0, host: "127.0.0.1" }, async (raw) => {
    if ((await takeBounce(service.store, raw, keys, now)).applied) applied++;
  });
  const smtpUrl = `smtp://127.0.0.1:${listener.port}`;
  const transport = createTransport({ smtpUrl, name: "mx.example.net", connections: 16 });
  const to = mails[0]?.returnPath ?? "";
  const copy = { raw: complaint(to), envelope: { from: "", to: [to] } };
  try {
    const send = async () => (await transport.send(copy, { beforeDot: async () => {} })).kind;
    const answers = await Promise.all(Array.from({ length: 500 }, send));
    expect(new Set(answers)).toEqual(new Set(["submitted"]));
    expect(applied).toBe(1);
    expect((await rows()).bounces.n).toBe(1);
  } finally {
    await transport.close();
    await listener.close();
  }
});

it("copies of several mails that come at the same time do each its own, once", async () => {
  const [hard, soft, abuse] = mails.map(({ returnPath }) => returnPath) as [string, string, string];
  const all = [report(hard, "5.1.1"), report(soft, "5.2.2"), complaint(abuse)];
  const storm = Array.from({ length: 200 }, () => all).flat();
  const taken = await Promise.all(storm.map((raw) => takeBounce(service.store, raw, keys, now)));
  expect(
    taken
      .filter(({ applied }) => applied)
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(["complaint", "hard", "soft"]);
  const { bounces, suppressions } = await rows();
  expect([bounces.n, suppressions.n]).toEqual([3, 2]);
  expect(await service.store.subscriptions.counts()).toMatchObject({ active: 2, unsubscribed: 1 });
});
