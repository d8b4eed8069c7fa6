import { eventually } from "@paperboy/harness/eventually";
import { freePort } from "@paperboy/harness/free-port";
import { MORNING, type Morning, openMorning } from "@paperboy/harness/morning";
import { type Misdeed, type Mood, type Point, type Relay, startRelay } from "@paperboy/harness/relay";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const READERS = 7;
const ALL_ONCE = { submitted: READERS, readers: READERS, twice: 0 };
const LATER = new Date(MORNING.getTime() + 60 * 60_000);

let morning: Morning;
let relay: Relay;

beforeAll(async () => {
  morning = await openMorning();
});
afterAll(() => morning.close());
beforeEach(async () => {
  await morning.begin(READERS);
  relay = await startRelay();
});
afterEach(() => relay.close());

const reconciled = () => morning.reconcile(relay.taken);

/** Does something wrong at one point with every mail, or with the one reader's. */
const always =
  (where: Point, misdeed: Misdeed, reader?: string): Mood =>
  (point, to) =>
    point === where && (reader === undefined || to === reader) ? misdeed : undefined;

describe("before the dot: the mails are deferred and go out once, later", () => {
  it.each<[string, Mood]>([
    ["the relay greets with 421", always("greeting", "421 4.3.2 too busy")],
    ["the relay drops every connection before MAIL", always("MAIL", "drop")],
    ["the relay drops every connection at RCPT", always("RCPT", "drop")],
    ["the relay drops every connection in the middle of a mail", always("body", "drop")],
  ])("%s", async (_what, mood) => {
    relay.mood = mood;
    await morning.run(relay.url);
    const { deferred = 0, pending = 0, ...rest } = await reconciled();
    expect(deferred + pending).toBe(READERS);
    expect(rest).toEqual({ readers: 0, twice: 0 });
    relay.mood = () => undefined;
    await morning.run(relay.url, { now: LATER });
    expect(await reconciled()).toEqual(ALL_ONCE);
  });

  it("the connection is refused", async () => {
    const port = await freePort();
    await morning.run(`smtp://127.0.0.1:${port}`);
    const { deferred = 0, pending = 0, ...rest } = await reconciled();
    expect(deferred + pending).toBe(READERS);
    expect(rest).toEqual({ readers: 0, twice: 0 });
    await morning.run(relay.url, { now: LATER });
    expect(await reconciled()).toEqual(ALL_ONCE);
  });

  it("one connection of many breaks, and only its mail waits", async () => {
    relay.mood = always("body", "drop", "reader3@example.org");
    await morning.run(relay.url);
    expect(await reconciled()).toEqual({
      submitted: READERS - 1,
      deferred: 1,
      readers: READERS - 1,
      twice: 0,
    });
  });
});

describe("after the dot: nobody can know, and the policy decides", () => {
  it.each<[string, Point, number]>([
    ["the relay drops the connection and has not taken the mail", "dot", 0],
    ["the relay takes the mail and drops the connection instead of answering", "answer", READERS],
  ])("%s: held as unknown, never sent again", async (_what, point, readers) => {
    relay.mood = always(point, "drop");
    await morning.run(relay.url);
    expect(await reconciled()).toEqual({ unknown: READERS, readers, twice: 0 });
    relay.mood = () => undefined;
    await morning.run(relay.url, { now: LATER });
    expect(await reconciled()).toEqual({ unknown: READERS, readers, twice: 0 });
  });

  it("with UNKNOWN_POLICY=retry the mail goes out again, each copy under the one Message-ID", async () => {
    const env = { UNKNOWN_POLICY: "retry" };
    relay.mood = always("answer", "drop");
    await morning.run(relay.url, { env });
    relay.mood = () => undefined;
    await morning.run(relay.url, { env, now: LATER });
    expect(await reconciled()).toEqual({ submitted: READERS, readers: READERS, twice: READERS });
    expect(new Set(relay.taken.map(({ messageId, to }) => `${messageId} ${to}`)).size).toBe(READERS);
  });
});

describe("an answer that no database can hold", () => {
  const GARBAGE = `${"\0"}\x07\xff ${"z".repeat(5_000)}`;

  it("is kept as far as it is text, and the ends of other mails with it", async () => {
    relay.mood = always("answer", `250 2.0.0 taken ${GARBAGE}`, "reader3@example.org");
    await morning.run(relay.url);
    expect(await reconciled()).toEqual(ALL_ONCE);
  });

  it("may say no as well", async () => {
    relay.mood = always("RCPT", `550 5.1.1 nobody ${GARBAGE}`, "reader3@example.org");
    await morning.run(relay.url);
    expect(await reconciled()).toEqual({ submitted: READERS - 1, failed: 1, readers: READERS - 1, twice: 0 });
    const [refused] = await morning.store.deliveries.list({ status: "failed", limit: 1 });
    expect(refused?.response).toMatch(/^550 5\.1\.1 nobody \S* z+…$/);
  });
});

describe("an answer that takes longer than a lease", () => {
  it("is waited for, and nobody takes the mail over meanwhile", async () => {
    let answer = () => {};
    const answered = new Promise<undefined>((resolve) => {
      answer = () => resolve(undefined);
    });
    relay.mood = (point) => (point === "answer" ? answered : undefined);
    const sending = morning.run(relay.url);
    await eventually(() => expect(relay.taken.length).toBeGreaterThan(0));
    await leasesOfThatMomentHaveRunOut();
    expect(await morning.store.deliveries.expireLeases("retry")).toEqual({ pending: 0, unknown: 0 });
    answer();
    await sending;
    expect(await reconciled()).toEqual(ALL_ONCE);
  });
});

/** By the database's clock, which is what leases run by. */
async function leasesOfThatMomentHaveRunOut(): Promise<void> {
  const held = "FROM deliveries WHERE status = 'dotted'";
  const { rows } = await morning.sql.query(`SELECT max(lease_expires_at) AS end ${held}`);
  await eventually(async () => {
    const { rowCount } = await morning.sql.query("SELECT WHERE now() > $1", [rows[0].end]);
    expect(rowCount).toBe(1);
  });
}
