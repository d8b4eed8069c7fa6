import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openLibrary, openStore, type Store } from "@paperboy/db";
import { ARXIV_POLICY, samplePapers } from "@paperboy/sources";
import {
  createWorkerContext,
  plan,
  readWorkerConfig,
  runUntilDone,
  type WorkerContext,
} from "@paperboy/worker";
import { createTransport } from "nodemailer";
import pg from "pg";
import {
  type BenchOptions,
  type BenchResult,
  interleave,
  type Measured,
  median,
  progress,
  ratio,
  rounded,
} from "./frame.ts";
import { type PostgresReading, readPostgres, since } from "./postgres-meter.ts";
import { scratchDatabase, scratchDirectory } from "./scratch.ts";
import { type Sink, startSink } from "./sink.ts";

const PROJECT = fileURLToPath(new URL("../../../../../", import.meta.url));
const NOW = new Date("2026-11-24T07:30:00Z");
/** As many as are used unless set otherwise. */
const CONNECTIONS = 20;
const TOPICS = [
  "language model",
  "diffusion",
  "reasoning",
  "agent*",
  "attention OR mamba",
  "robot",
  "video",
  "3d",
];

/** One morning: every reader's digest from planning to the relay's answer, beside a loop that only sends. */
export async function benchDay({ readers, rounds = 3 }: BenchOptions): Promise<BenchResult> {
  const database = await scratchDatabase();
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  const sql = new pg.Pool({ connectionString: database.url, max: 2 });
  const sink = await startSink();
  const worker = await openWorker(store, database.url, sink);
  try {
    await publish(store);
    await subscribe(store, sql, readers);
    const mails = await firstDay(worker, sink, sql, readers);
    const costs: Cost[] = [];
    const [plain, ours] = await interleave(contenders(worker, sink, sql, mails, readers, costs), rounds);
    return describe(plain as Measured, ours as Measured, mails, costs);
  } finally {
    await worker.close();
    sink.close();
    await sql.end();
    await store.close();
    await database.close();
  }
}

function openWorker(store: Store, url: string, sink: Sink): Promise<WorkerContext> {
  const config = readWorkerConfig({
    DATABASE_URL: url,
    SMTP_URL: sink.url,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    PUBLIC_URL: "https://papers.example.org",
    MAIL_FROM: "Paperboy <digest@papers.example.org>",
    SECRET_KEYS: "bench:0123456789abcdef0123456789abcdef",
  });
  const directories = { templatesDir: join(PROJECT, "templates"), cacheDir: scratchDirectory() };
  return createWorkerContext(config, store, { ...directories, library: openLibrary(store), now: () => NOW });
}

async function publish(store: Store): Promise<void> {
  await store.ingest({ name: "sample", kind: "sample" }, samplePapers(NOW), NOW);
  await store.papers.announce(NOW);
}

/** Confirmed long ago, due now; half of them take trending as well. */
async function subscribe(store: Store, sql: pg.Pool, readers: number): Promise<void> {
  const confirmed = new Date("2026-11-20T12:00:00Z");
  for (let n = 0; n < readers; n++) {
    if (n % 100 === 0) progress(`${n} of ${readers} readers`);
    const address = `reader${n}@example.org`;
    const topics = [n, n + 3].map((place) => TOPICS[place % TOPICS.length] as string);
    const order = {
      topics: topics.map((query) => ({ name: query, query })),
      trending: n % 2 === 0,
      cadence: "daily",
      weekday: 1,
      localMinute: 420,
      timezone: "UTC",
      maxPapers: 20,
    } as const;
    const { requestId } = await store.subscriptions.request({ address, key: address }, order, confirmed);
    await store.subscriptions.confirm(requestId, confirmed);
  }
  await sql.query("DELETE FROM deliveries");
  await sql.query("UPDATE subscriptions SET watermark = 0");
  await sql.query(
    "CREATE TABLE bench_morning AS SELECT id, watermark, next_due_at, next_date, last_date FROM subscriptions",
  );
}

/** Back to the morning: nothing planned, everybody due. */
async function rewind(sql: pg.Pool): Promise<void> {
  await sql.query("TRUNCATE deliveries, digests CASCADE");
  await sql.query(`UPDATE subscriptions s SET watermark = m.watermark, next_due_at = m.next_due_at,
    next_date = m.next_date, last_date = m.last_date FROM bench_morning m WHERE m.id = s.id`);
  await sql.query("VACUUM (ANALYZE) subscriptions, deliveries, digests");
}

/** Runs the day once, unmeasured, for the mails that the plain loop then sends. */
async function firstDay(worker: WorkerContext, sink: Sink, sql: pg.Pool, readers: number) {
  progress("the first day, for its mails");
  await rewind(sql);
  await sink.reset({ keep: true });
  const outcome = await runUntilDone(worker, NOW);
  const { mails } = await sink.taken();
  if (outcome.submitted !== readers || mails.length !== readers) {
    throw new Error(`of ${readers} readers, ${outcome.submitted} were submitted and ${mails.length} arrived`);
  }
  return mails;
}

function contenders(
  worker: WorkerContext,
  sink: Sink,
  sql: pg.Pool,
  mails: readonly string[],
  readers: number,
  costs: Cost[],
) {
  const requireAll = async () => {
    const { count } = await sink.taken();
    if (count !== readers) throw new Error(`${count} of ${readers} mails arrived`);
    return count;
  };
  return [
    {
      name: "plain loop",
      prepare: () => sink.reset({ keep: false }),
      run: async () => {
        await sendPlainly(sink.url, mails);
        return requireAll();
      },
    },
    {
      name: "ours",
      prepare: async () => {
        await rewind(sql);
        await sink.reset({ keep: false });
      },
      run: async () => {
        const readings = [await readPostgres(sql)];
        await plan(worker.store, worker.library, NOW);
        readings.push(await readPostgres(sql));
        await runUntilDone(worker, NOW);
        readings.push(await readPostgres(sql));
        const [start, planned, sent] = readings as [PostgresReading, PostgresReading, PostgresReading];
        costs.push({ planning: since(start, planned), sending: since(planned, sent) });
        return requireAll();
      },
    },
  ];
}

/** What a day costs Postgres. */
interface Cost {
  readonly planning: PostgresReading;
  readonly sending: PostgresReading;
}

/** What one writes first: mails that are made already, through a pool, and no memory of what was sent. */
async function sendPlainly(url: string, mails: readonly string[]): Promise<void> {
  const { hostname: host, port } = new URL(url);
  const pool = createTransport({
    pool: true,
    host,
    port: Number(port),
    maxConnections: CONNECTIONS,
    maxMessages: 100,
    ignoreTLS: true,
  });
  const from = "digest@papers.example.org";
  await Promise.all(
    mails.map((raw, n) => pool.sendMail({ envelope: { from, to: `reader${n}@example.org` }, raw })),
  );
  pool.close();
}

/** What Postgres did for each mail, for each part of the day; the median of the rounds. */
function postgresRows(costs: readonly Cost[], mails: number) {
  return (["planning", "sending"] as const).map((part) => {
    const each = (name: keyof PostgresReading) => median(costs.map((cost) => cost[part][name])) / mails;
    return {
      "Postgres, for": part,
      "WAL bytes a mail": Math.round(each("walBytes")),
      "CPU µs a mail": Math.round(1000 * each("cpuMs")),
      "commits a mail": rounded(each("commits"), 2),
    };
  });
}

function describe(
  plain: Measured,
  ours: Measured,
  mails: readonly string[],
  costs: readonly Cost[],
): BenchResult {
  const row = (measured: Measured) => ({
    way: measured.name,
    mails: measured.units,
    seconds: rounded(measured.seconds),
    "mails a second": Math.round(measured.unitsPerSecond),
    "CPU µs a mail": Math.round(measured.cpuMicrosecondsPerUnit),
    "RSS MB": Math.round(measured.rssMegabytes),
    "times the loop's time": ratio(measured.seconds, plain.seconds),
  });
  const bytes = mails.reduce((sum, mail) => sum + mail.length, 0) / mails.length;
  return {
    rows: [row(plain), row(ours), ...postgresRows(costs, mails.length)],
    notes: [
      "Ours plans (matching included), renders, claims, marks each mail before its dot, sends and records it.",
      `The loop sends the very same mails (${Math.round(bytes / 1024)} KB on average), made beforehand, and records nothing.`,
      `Both use ${CONNECTIONS} connections to a sink in a process of its own; Postgres commits to disk.`,
    ],
  };
}
