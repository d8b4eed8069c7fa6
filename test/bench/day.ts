import { fork } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import PostalMime from "postal-mime";
import { findRedis, startRedis, type TestRedis } from "../harness/redis-server.ts";
import type { RenderedOnce } from "./day-loop.ts";
import { CONNECTIONS, type DayDone, type DayOrder, PROJECT } from "./day-order.ts";
import { type DayCost, describeDay } from "./day-report.ts";
import { type BenchOptions, type BenchResult, progress } from "./frame.ts";
import { type Morning, openMorning } from "./plan-morning.ts";
import { processCpuMs, readPostgres, since } from "./postgres-meter.ts";
import { scratchDirectory } from "./scratch.ts";
import { type Sink, startSink } from "./sink.ts";
import { findSmtpSource, runSmtpSource, type SmtpSource } from "./smtp-source.ts";

/** The loop sends so many different mails again and again. */
const MAILS_KEPT = 200;
/** Below this nothing is downloaded: it is a trial. */
const SERIOUS_READERS = 1_000;

/** What all ways of one run share. */
interface Day {
  readonly morning: Morning;
  readonly readers: number;
  readonly sink: Sink;
  readonly sql: pg.Pool;
  readonly redis: TestRedis | null;
  readonly smtpSource: SmtpSource | null;
  readonly order: Omit<DayOrder, "way">;
}

/** One morning: every reader's digest from planning to the relay's answer, signed, beside three other ways of sending. */
export async function benchDay({ readers, rounds = 3 }: BenchOptions): Promise<BenchResult> {
  const morning = await openMorning(readers);
  const sql = new pg.Pool({ connectionString: morning.url, max: 2 });
  const sink = await startSink();
  const redis = findRedis() === null ? null : await startRedis();
  try {
    const smtpSource = findSmtpSource(PROJECT, readers >= SERIOUS_READERS);
    const day = await firstDay({ morning, readers, sink, sql, redis, smtpSource });
    const costs: DayCost[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const way of WAYS) {
        progress(`round ${round + 1} of ${rounds}: ${way}`);
        const cost = await WAY[way](day);
        if (cost !== null) costs.push(cost);
      }
    }
    return describeDay(readers, costs);
  } finally {
    sink.close();
    await redis?.stop();
    await sql.end();
    await morning.close();
  }
}

/** Runs the day once, unmeasured, for the mails that the loop then sends, and how many there are. */
async function firstDay(given: Omit<Day, "order">): Promise<Day> {
  const directory = scratchDirectory();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const order = {
    databaseUrl: given.morning.url,
    smtpUrl: given.sink.url,
    redisUrl: given.redis?.url ?? null,
    mailsFile: join(directory, "mails.json"),
    mails: 0,
    cacheDir: directory,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
  await given.morning.rewind(given.readers);
  await given.sink.reset({ keep: MAILS_KEPT });
  progress("the first day, for its mails");
  const { sent } = await apart({ ...order, way: "ours" });
  const { mails } = await given.sink.taken();
  const rendered: RenderedOnce[] = [];
  for (const mail of mails) {
    const { subject = "", html = "", text = "" } = await PostalMime.parse(Buffer.from(mail, "latin1"));
    rendered.push({ subject, html, text });
  }
  writeFileSync(order.mailsFile, JSON.stringify(rendered));
  return { ...given, order: { ...order, mails: sent } };
}

const WAYS = ["plain loop", "usual pipeline", "smtp-source", "ours"] as const;

const WAY: Record<(typeof WAYS)[number], (day: Day) => Promise<DayCost | null>> = {
  ours: async (day) => {
    await day.morning.rewind(day.readers);
    return measure(day, "ours", () => apart({ ...day.order, way: "ours" }));
  },
  "plain loop": (day) => measure(day, "plain loop", () => apart({ ...day.order, way: "loop" })),
  "usual pipeline": async (day) => {
    if (day.redis === null) return null;
    await day.redis.command("FLUSHALL");
    await day.morning.rewind(day.readers);
    await apart({ ...day.order, way: "plan only" });
    return measure(day, "usual pipeline", () => apart({ ...day.order, way: "usual" }));
  },
  "smtp-source": async (day) => {
    if (day.smtpSource === null) return null;
    const { bytes, count } = await day.sink.taken();
    const size = Math.round(bytes / Math.max(1, count));
    const { smtpUrl, mails } = day.order;
    return measure(day, "smtp-source", async () => {
      const done = await runSmtpSource(day.smtpSource as SmtpSource, {
        ...{ smtpUrl, mails, bytes: size, connections: CONNECTIONS },
      });
      return { ...done, sent: mails, planSeconds: 0, rssMb: null };
    });
  },
};

type Done = Omit<DayDone, "rssMb"> & { readonly rssMb: number | null };

/** What a way cost, everything that worked for it counted, when all mails arrived. */
async function measure(day: Day, way: DayCost["way"], run: () => Promise<Done>): Promise<DayCost> {
  const { sink, sql, redis, order } = day;
  await sink.reset({ keep: 0 });
  const redisBefore = processCpuMs(redis?.pid);
  const before = await readPostgres(sql);
  const done = await run();
  const postgres = since(before, await readPostgres(sql));
  const { count, bytes, cpuMs: sinkCpuMs } = await sink.taken();
  if (count !== order.mails) throw new Error(`${way}: ${count} of ${order.mails} mails arrived`);
  const redisCpuMs = processCpuMs(redis?.pid) - redisBefore;
  return { ...done, way, mails: count, bytes, sinkCpuMs, redisCpuMs, postgres };
}

/** Works in a process of its own, so that its memory and processor time are its own; its start is not counted. */
async function apart(order: DayOrder): Promise<DayDone> {
  const program = fileURLToPath(new URL("./day-way.js", import.meta.url));
  const worker = fork(program, [JSON.stringify(order)]);
  const failed = once(worker, "exit").then(([code]) => {
    throw new Error(`"${order.way}" ended with exit code ${code}`);
  });
  const next = async () => (await Promise.race([once(worker, "message"), failed]))[0];
  await next();
  worker.send("go");
  const done = (await next()) as DayDone;
  await failed.catch(() => {}); // it ends by itself
  return done;
}
