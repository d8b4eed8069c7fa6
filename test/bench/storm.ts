import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { migrate, openStore, type Store, useEmbeddedPostgres } from "@paperboy/db";
import pg from "pg";
import { randomStream } from "./corpus.ts";
import { progress } from "./frame.ts";
import type { BenchOptions, BenchResult } from "./main.ts";
import { scratchDirectory } from "./scratch.ts";

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse("2026-03-02T08:00:00Z");
const WORKERS = 2;
const CONNECTIONS = 5;
const LEASE_SECONDS = 2;
const TEMPLATES = fileURLToPath(new URL("../../../../../templates", import.meta.url));

/**
 * Days of editions for many readers while workers are killed or stopped past their lease, Postgres is killed, and the
 * relay drops connections, all at random from a seed. At the end every delivery is compared with what the relay got.
 */
export async function benchStorm({ kills, seed, readers, policy }: BenchOptions): Promise<BenchResult> {
  const random = randomStream(seed);
  const directory = scratchDirectory();
  let postgres = await useEmbeddedPostgres({ directory: join(directory, "postgres") });
  await migrate(postgres.url);
  const sink = fork(fileURLToPath(new URL("./storm-sink.js", import.meta.url)), [String(seed)], {
    serialization: "advanced",
  });
  const [{ port }] = (await once(sink, "message")) as [{ port: number }];
  const env = {
    ...process.env,
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    PUBLIC_URL: "http://papers.test",
    MAIL_FROM: "Paperboy <digest@papers.test>",
    SECRET_KEYS: "storm:0123456789abcdef0123456789abcdef",
    UNKNOWN_POLICY: policy,
    LEASE_SECONDS: String(LEASE_SECONDS),
  };
  const done = { kills: 0, stops: 0, postgres: 0, days: 0 };
  let store = openStore({ url: postgres.url, onIdleError: () => {} });
  await addReaders(store, readers);
  const startWorker = (now: Date) =>
    fork(
      fileURLToPath(new URL("./storm-worker.js", import.meta.url)),
      [now.toISOString(), directory, TEMPLATES],
      {
        env: { ...env, DATABASE_URL: postgres.url },
        stdio: ["ignore", "ignore", "ignore", "ipc"],
      },
    );
  const killPostgres = async () => {
    const pid = await postmasterOf(postgres.url);
    await store.close().catch(() => {});
    process.kill(pid, "SIGKILL");
    done.postgres++;
    for (;;) {
      try {
        postgres = await useEmbeddedPostgres({ directory: join(directory, "postgres") });
        store = openStore({ url: postgres.url, onIdleError: () => {} });
        await store.ping();
        return;
      } catch {
        await pause(200); // the old server's processes are still leaving
      }
    }
  };
  const harm = async (worker: ChildProcess) => {
    if (random() < 0.03) {
      worker.kill("SIGSTOP");
      await pause((LEASE_SECONDS + 1) * 1_000);
      worker.kill("SIGCONT");
      done.stops++;
      await pause(random() * 300);
    }
    worker.kill("SIGKILL");
    done.kills++;
  };
  let workers: ChildProcess[] = [];
  try {
    while (done.kills < kills) {
      const now = new Date(FIRST_DAY + done.days * DAY_MS);
      await publish(store, done.days, now);
      done.days++;
      for (let calm = false; !calm && done.kills < kills; ) {
        workers = Array.from({ length: WORKERS }, () => startWorker(now));
        await Promise.all(
          workers.map(async (worker) => {
            await Promise.race([once(worker, "message"), once(worker, "exit")]);
            await pause(random() * 700);
            await harm(worker);
          }),
        );
        if (random() < 0.02) await killPostgres();
        calm = (await store.deliveries.open(now)).length === 0 && (await planned(store, done.days, readers));
        progress(`${done.kills} kills, ${done.days} days`);
      }
    }
    await calmDown(startWorker, () => store, done.days, readers);
    sink.send({});
    const [{ accepted }] = (await once(sink, "message")) as [{ accepted: [string, number][] }];
    return await report(postgres.url, new Map(accepted), { ...done, readers, policy, seed });
  } finally {
    for (const worker of workers) worker.kill("SIGKILL");
    sink.kill();
    await store.close().catch(() => {});
    await postgres.release();
  }
}

/** The first line of `postmaster.pid` (PostgreSQL manual, "Database File Layout"). */
async function postmasterOf(url: string): Promise<number> {
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  const { rows } = await sql.query("SHOW data_directory");
  await sql.end();
  return Number(readFileSync(join(rows[0].data_directory, "postmaster.pid"), "utf8").split("\n")[0]);
}

async function planned(store: Store, days: number, readers: number): Promise<boolean> {
  const counts = await store.deliveries.counts("digest");
  return Object.values(counts).reduce((sum, n) => sum + n, 0) >= days * readers;
}

/** Lets everything that can still be sent go out, undisturbed; deferred mails by moving the clock. */
async function calmDown(
  start: (now: Date) => ChildProcess,
  store: () => Store,
  days: number,
  readers: number,
): Promise<void> {
  const now = new Date(FIRST_DAY + (days - 1) * DAY_MS + 6 * 3_600_000);
  const worker = start(now);
  await once(worker, "message");
  for (;;) {
    await pause(500);
    if ((await store().deliveries.open(now)).length === 0 && (await planned(store(), days, readers))) break;
  }
  worker.kill("SIGTERM");
  await once(worker, "exit");
}

async function report(
  url: string,
  accepted: ReadonlyMap<string, number>,
  facts: Record<string, string | number>,
): Promise<BenchResult> {
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  const { rows } = await sql.query<{ id: string; status: string }>(
    "SELECT id, status FROM deliveries WHERE kind = 'digest'",
  );
  await sql.end();
  const copies = (id: string) => accepted.get(`<${id}@papers.test>`) ?? 0;
  const inState = (status: string) => rows.filter((row) => row.status === status);
  const total = Number(facts.days) * Number(facts.readers);
  const result = {
    ...facts,
    deliveries: rows.length,
    submitted: inState("submitted").length,
    unknown: inState("unknown").length,
    other: rows.length - inState("submitted").length - inState("unknown").length,
    duplicates: rows.filter(({ id }) => copies(id) > 1).length,
    "falsely submitted": inState("submitted").filter(({ id }) => copies(id) === 0).length,
    lost: rows.filter(({ id, status }) => copies(id) === 0 && status !== "unknown").length,
    "unknown that had gone out": inState("unknown").filter(({ id }) => copies(id) > 0).length,
  };
  const holds = facts.policy === "hold";
  const fine =
    result["falsely submitted"] === 0 && result.lost === 0 && rows.length === total && result.other === 0;
  if (!fine || (holds && result.duplicates > 0) || (!holds && result.unknown > 0)) process.exitCode = 1;
  return {
    rows: Object.entries(result).map(([what, value]) => ({ what, value })),
    notes: [
      process.exitCode
        ? "NOT as promised."
        : "As promised: nothing lost, nothing false, every delivery accounted for.",
    ],
  };
}

async function addReaders(store: Store, count: number): Promise<void> {
  const before = new Date(FIRST_DAY - 2 * DAY_MS);
  const order = {
    topics: [{ name: "storm", query: "storm" }],
    trending: false,
    cadence: "daily",
    weekday: 1,
    localMinute: 420,
    timezone: "UTC",
    maxPapers: 5,
  } as const;
  for (let n = 0; n < count; n++) {
    const address = `reader${n}@storm.example`;
    const { requestId } = await store.subscriptions.request({ address, key: address }, order, before);
    await store.subscriptions.confirm(requestId, before);
  }
}

async function publish(store: Store, day: number, now: Date): Promise<void> {
  const earlier = new Date(now.getTime() - 3_600_000);
  const draft = {
    externalId: `storm-${day}`,
    title: `Storm of day ${day}`,
    abstract: "A storm.",
    authors: ["A"],
    observedAt: earlier,
  };
  await store.ingest({ name: "storm", kind: "file" }, [draft], earlier);
  await store.papers.announce(earlier);
}
