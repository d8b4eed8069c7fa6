import { openStore, type Store } from "@paperboy/db";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../harness/database.ts";
import { type RunningCommand, runCommand, startCommand } from "../harness/paperboy.ts";
import { addReaders, gatePapers, publish } from "../harness/readers.ts";
import { type SmtpSink, startSmtpSink } from "../harness/smtp-sink.ts";

const READERS = 12;
const yesterday = new Date("2026-11-23T12:00:00Z");
const morning = "2026-11-24T07:30:00Z";

let database: TestDatabase;
let store: Store;
let sql: pg.Pool;
let sink: SmtpSink;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  sql = new pg.Pool({ connectionString: database.url });
  await publish(store, gatePapers(5), yesterday);
});
afterAll(async () => {
  await sql.end();
  await store.close();
  await database.close();
});
beforeEach(async () => {
  sink = await startSmtpSink();
  await sql.query("TRUNCATE subscribers, suppressions, throttles CASCADE");
  await addReaders(store, READERS, yesterday);
  await sql.query("DELETE FROM deliveries"); // the confirmations nobody waits for
});
afterEach(() => sink.close());

const env = (more = {}) => ({
  DATABASE_URL: database.url,
  SMTP_URL: sink.url,
  SECRET_KEYS: "test:0123456789abcdef0123456789abcdef",
  LEASE_SECONDS: "2",
  ...more,
});
const run = (more = {}) => runCommand(["run", "--now", morning, "--json"], env(more));
const start = (more = {}) => startCommand(["run", "--now", morning, "--json"], env(more));

/** Kills the command the first time the sink gets to a point of the conversation. */
async function killAt(point: "onRecipient" | "onDot" | "onAccepted", more = {}): Promise<void> {
  let command: RunningCommand | undefined;
  let killed = false;
  const kill = () => {
    if (killed) return;
    killed = true;
    command?.process.kill("SIGKILL");
  };
  const wait = async () => {
    kill();
    await command?.ended;
  };
  sink.script = point === "onAccepted" ? { onAccepted: kill } : { [point]: wait };
  command = start(more);
  expect((await command.ended).signal).toBe("SIGKILL");
  sink.script = {};
}

/** Runs once more and checks the books: every reader accounted for, no mail accepted twice. */
async function settle(more = {}): Promise<Record<string, number>> {
  const { code, stdout, stderr } = await run(more);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(JSON.parse(stdout).planned).toBeGreaterThanOrEqual(0);
  const copies = new Map<string, number>();
  for (const { messageId } of sink.accepted) copies.set(messageId, (copies.get(messageId) ?? 0) + 1);
  const { rows } = await sql.query("SELECT status, count(*)::int AS n FROM deliveries GROUP BY status");
  const states = Object.fromEntries(rows.map(({ status, n }) => [status, n])) as Record<string, number>;
  expect(Object.values(states).reduce((sum, n) => sum + n, 0)).toBe(READERS);
  return {
    ...states,
    readers: new Set(sink.accepted.map(({ to }) => to)).size,
    twice: [...copies.values()].filter((n) => n > 1).length,
  };
}

describe("a worker killed", () => {
  it("before it claims leaves everything to the next one", async () => {
    const blocker = await sql.connect();
    await blocker.query("BEGIN; LOCK TABLE subscribers IN ACCESS EXCLUSIVE MODE");
    const command = start();
    await untilSomebodyWaits();
    command.process.kill("SIGKILL");
    await command.ended;
    // A server process that waits for a lock does not notice that its client is gone: it would go on and claim.
    await sql.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    await blocker.query("ROLLBACK");
    blocker.release();
    const { rows } = await sql.query("SELECT status, count(*)::int AS n FROM deliveries GROUP BY status");
    expect(rows).toEqual([{ status: "pending", n: READERS }]);
    expect(await settle()).toEqual({ submitted: READERS, readers: READERS, twice: 0 });
  });

  it("after it claimed, before anything was sent, loses and repeats nothing", async () => {
    await killAt("onRecipient");
    expect(await settle()).toEqual({ submitted: READERS, readers: READERS, twice: 0 });
  });

  it("after the dot, before the answer, leaves mails unknown and sends none of them again", async () => {
    await killAt("onDot");
    const states = await settle();
    expect(states.twice).toBe(0);
    expect(states.unknown).toBeGreaterThan(0);
    expect(states.unknown).toBeLessThanOrEqual(5); // the connections of one worker
    expect((states.submitted ?? 0) + (states.unknown ?? 0)).toBe(READERS);
  });

  it("after the answer, before it was recorded, never claims less than what left", async () => {
    await killAt("onAccepted");
    const states = await settle();
    expect(states.twice).toBe(0);
    expect(states.readers).toBeGreaterThanOrEqual(states.submitted as number);
    expect((states.submitted ?? 0) + (states.unknown ?? 0)).toBe(READERS);
  });

  it("with UNKNOWN_POLICY=retry loses nobody, and a second copy carries the same Message-ID", async () => {
    const policy = { UNKNOWN_POLICY: "retry" };
    await killAt("onDot", policy);
    const states = await settle(policy);
    expect(states).toMatchObject({ submitted: READERS, readers: READERS });
    expect(new Set(sink.accepted.map(({ messageId }) => messageId)).size).toBe(READERS);
  });
});

describe("two planners and deliverers at once", () => {
  it("submit one copy to each reader", async () => {
    const ends = await Promise.all([run(), run(), run()]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    const planned = ends.map(({ stdout }) => JSON.parse(stdout).planned as number);
    expect(planned.reduce((sum, n) => sum + n, 0)).toBe(READERS);
    expect(await settle()).toEqual({ submitted: READERS, readers: READERS, twice: 0 });
  });
});

/** Waits until a statement of the command waits for the lock we hold. */
async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await sql.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    if (rows.length > 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
