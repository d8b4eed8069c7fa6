import { HOUR_MS } from "@paperboy/core";
import { openLibrary } from "@paperboy/db";
import { deferred } from "@paperboy/harness/deferred";
import { eventually } from "@paperboy/harness/eventually";
import { freePort } from "@paperboy/harness/free-port";
import {
  MORNING,
  type Morning,
  openMorning,
  type Reconciliation,
  workerSettings,
} from "@paperboy/harness/morning";
import { type RunningCommand, startCommand } from "@paperboy/harness/paperboy";
import { type SmtpSink, startSmtpSink } from "@paperboy/harness/smtp-sink";
import { startTestWorker } from "@paperboy/harness/worker";
import { plan, readWorkerConfig } from "@paperboy/worker";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const READERS = 12;
/** Mails a worker has under way at once. */
const CONNECTIONS = 5;
const ALL_ONCE = { submitted: READERS, readers: READERS, twice: 0 };

let morning: Morning;
let sink: SmtpSink;

beforeAll(async () => {
  morning = await openMorning();
});
afterAll(() => morning.close());
beforeEach(async () => {
  sink = await startSmtpSink();
  await morning.begin(READERS);
});
afterEach(async () => {
  for (const command of commands.splice(0)) command.process.kill("SIGKILL");
  await sink.close();
});

const commands: RunningCommand[] = [];
const watched = (command: RunningCommand) => {
  commands.push(command);
  return command;
};
const start = (env = {}) => watched(morning.start(sink.url, env));
const reconciled = () => morning.reconcile(sink.accepted);

type Point = "onRecipient" | "onDot" | "onAccepted";

/** Kills the command the first time the relay gets to a point of the conversation. */
async function killAt(point: Point, env = {}): Promise<void> {
  const command = start(env);
  const kill = () => void command.process.kill("SIGKILL");
  const wait = async () => {
    kill();
    await command.ended;
  };
  sink.script = point === "onAccepted" ? { onAccepted: kill } : { [point]: wait };
  expect((await command.ended).signal).toBe("SIGKILL");
  sink.script = {};
}

/** Resolves when all connections of a worker are at a point, where they stay until `release`; others pass. */
async function holdAt(point: Point): Promise<() => void> {
  const released = deferred();
  const there = times(CONNECTIONS);
  const hold = () => {
    there.count();
    return released.promise;
  };
  sink.script = { [point]: hold };
  await there.reached;
  sink.script = {};
  return released.resolve;
}

/** Another worker comes: what was left behind goes out. */
async function settle(env = {}): Promise<Reconciliation> {
  await morning.run(sink.url, { env });
  return reconciled();
}

describe("a worker killed", () => {
  it("before it claims leaves everything to the next one", async () => {
    const { sql } = morning;
    const blocker = await sql.connect();
    await blocker.query("BEGIN; LOCK TABLE streams IN ACCESS EXCLUSIVE MODE");
    const command = start();
    await untilSomebodyWaits();
    command.process.kill("SIGKILL");
    await command.ended;
    // A server process that waits for a lock does not notice that its client is gone: it would continue and claim.
    await sql.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    await blocker.query("ROLLBACK");
    blocker.release();
    expect(await reconciled()).toEqual({ pending: READERS, readers: 0, twice: 0 });
    expect(await settle()).toEqual(ALL_ONCE);
  });

  it("after it claimed, before anything was sent, loses and repeats nothing", async () => {
    await killAt("onRecipient");
    expect(await settle()).toEqual(ALL_ONCE);
  });

  it("after the dot, before the answer, leaves mails unknown and sends none of them again", async () => {
    await killAt("onDot");
    const { submitted = 0, unknown = 0, twice } = await settle();
    expect(twice).toBe(0);
    expect(unknown).toBeGreaterThan(0);
    expect(unknown).toBeLessThanOrEqual(CONNECTIONS);
    expect(submitted + unknown).toBe(READERS);
  });

  it("after the answer, before it was recorded, never claims less than what left", async () => {
    await killAt("onAccepted");
    const { submitted = 0, unknown = 0, readers, twice } = await settle();
    expect(twice).toBe(0);
    expect(readers).toBeGreaterThanOrEqual(submitted);
    expect(submitted + unknown).toBe(READERS);
  });

  it("with UNKNOWN_POLICY=retry loses nobody, and a second copy carries the same Message-ID", async () => {
    const policy = { UNKNOWN_POLICY: "retry" };
    await killAt("onDot", policy);
    expect(await settle(policy)).toMatchObject({ submitted: READERS, readers: READERS });
    expect(new Set(sink.accepted.map(({ messageId }) => messageId)).size).toBe(READERS);
  });
});

describe("a worker stopped past its lease", () => {
  it("before the dot is fenced when it resumes: another holds its mails, and only that one sends them", async () => {
    const stale = start();
    const release = await holdAt("onRecipient");
    stale.process.kill("SIGSTOP");
    const other = morning.run(sink.url);
    const releaseOther = await holdAt("onRecipient");
    const fenced = times(CONNECTIONS);
    sink.script = { onBrokenOff: fenced.count };
    stale.process.kill("SIGCONT");
    release();
    await fenced.reached;
    expect(sink.accepted).toEqual([]);
    releaseOther();
    await other;
    expect(await stale.ended).toMatchObject({ code: 0, stderr: "" });
    expect(await reconciled()).toEqual(ALL_ONCE);
  });

  it("after the dot has its mails held as unknown, until it resumes and tells the answer", async () => {
    const stale = start();
    const release = await holdAt("onDot");
    stale.process.kill("SIGSTOP");
    expect(await settle()).toEqual({
      submitted: READERS - CONNECTIONS,
      unknown: CONNECTIONS,
      readers: READERS - CONNECTIONS,
      twice: 0,
    });
    stale.process.kill("SIGCONT");
    release();
    expect(await stale.ended).toMatchObject({ code: 0, stderr: "" });
    expect(await reconciled()).toEqual(ALL_ONCE);
  });
});

describe("a service told to end (SIGTERM) while mails are under way", () => {
  it("finishes those, releases the others, and ends with 0; the next one sends the rest", async () => {
    const now = new Date();
    await morning.begin(READERS, now);
    const env = {
      ...workerSettings(morning.databaseUrl, sink.url),
      PORT: String(await freePort()),
      LOG_LEVEL: "warn",
    };
    const service = watched(startCommand(["start"], env));
    const release = await holdAt("onDot");
    service.process.kill("SIGTERM");
    await service.says("Stopping…");
    release();
    expect(await service.ended).toMatchObject({ code: 0, stderr: "" });
    const sent = sink.accepted.length;
    expect(sent).toBeGreaterThanOrEqual(CONNECTIONS);
    expect(sent).toBeLessThan(READERS);
    expect(await reconciled()).toEqual({ submitted: sent, pending: READERS - sent, readers: sent, twice: 0 });
    await morning.run(sink.url, { now });
    expect(await reconciled()).toEqual(ALL_ONCE);
  });
});

describe("a worker that starts", () => {
  it("looks at once for what was left behind, whenever the schedule would", async () => {
    const seldom = { ingest: HOUR_MS, announce: HOUR_MS, plan: HOUR_MS, sweep: HOUR_MS, forget: HOUR_MS };
    const env = workerSettings(morning.databaseUrl, sink.url);
    const startSeldom = () =>
      startTestWorker(env, { kind: "postgres", url: morning.databaseUrl }, () => MORNING, seldom);
    const before = await startSeldom();
    await eventually(async () => {
      expect(await reconciled()).toEqual(ALL_ONCE);
      expect((await before.queue.counts()).sweep).toMatchObject({ waiting: 0, active: 0 });
    });
    await before.close();
    await morning.begin(READERS);
    const { maxLatenessMs } = readWorkerConfig(env);
    await plan(morning.store, openLibrary(morning.store), MORNING, { maxLatenessMs });
    expect(await reconciled()).toMatchObject({ pending: READERS });
    sink.accepted.length = 0;
    const next = await startSeldom();
    await eventually(async () => expect(await reconciled()).toEqual(ALL_ONCE));
    await next.close();
  });
});

describe("three planners and deliverers at once", () => {
  it("plan each edition once and submit one copy to each reader", async () => {
    const ends = await Promise.all([1, 2, 3].map(() => start().ended));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    const planned = ends.map(({ stdout }) => JSON.parse(stdout).planned as number);
    expect(planned.reduce((sum, n) => sum + n, 0)).toBe(READERS);
    expect(await settle()).toEqual(ALL_ONCE);
  });
});

/** Waits until a statement of the command waits for the lock we hold. */
async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await morning.sql.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    if (rows.length > 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Something that has to happen so many times. */
function times(n: number): { readonly reached: Promise<void>; count(): void } {
  const { promise, resolve } = deferred();
  let left = n;
  const count = () => {
    if (--left === 0) resolve();
  };
  return { reached: promise, count };
}
