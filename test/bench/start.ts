import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { useEmbeddedPostgres } from "@paperboy/db";
import { type BenchOptions, type BenchResult, median, ratio, rounded } from "./frame.ts";
import { freePort, scratchDirectory } from "./scratch.ts";

const PROJECT = fileURLToPath(new URL("../../../../../", import.meta.url));
/** What `npm start` executes, flags of Node included. */
const COMMAND = startCommand();
/** How long the service rests before its memory is read, at most. */
const REST_MS = 3_000;

interface Started {
  readonly readySeconds: number;
  readonly stopSeconds: number;
  readonly restMegabytes: number | null;
}

/** Starts the whole service twice on a new data directory, beside its Postgres alone. */
export async function benchStart({ rounds = 3 }: BenchOptions): Promise<BenchResult> {
  const [first, second, bareFirst, bareSecond]: [Started[], Started[], number[], number[]] = [[], [], [], []];
  for (let round = 0; round < rounds; round++) {
    const [directory, bare] = [scratchDirectory(), scratchDirectory()];
    bareFirst.push(await startPostgres(bare));
    first.push(await startService(directory));
    bareSecond.push(await startPostgres(bare));
    second.push(await startService(directory));
  }
  return {
    rows: [row("first start", first, bareFirst), row("second start", second, bareSecond)],
    notes: [
      "Postgres alone is the embedded server on a directory of its own: initialised and started, or only started.",
      `Memory is resident memory of the one Node process ${REST_MS / 1000} s after it was ready.`,
    ],
  };
}

function row(name: string, started: readonly Started[], bare: readonly number[]) {
  const ready = median(started.map(({ readySeconds }) => readySeconds));
  const memory = started.flatMap(({ restMegabytes }) => restMegabytes ?? []);
  return {
    start: name,
    "ready s": rounded(ready),
    "Postgres alone s": rounded(median(bare)),
    "times Postgres": ratio(ready, median(bare)),
    "stop s": rounded(median(started.map(({ stopSeconds }) => stopSeconds))),
    "memory MB": memory.length === 0 ? null : Math.round(Math.max(...memory)),
  };
}

async function startPostgres(directory: string): Promise<number> {
  const started = performance.now();
  const postgres = await useEmbeddedPostgres({ directory: join(directory, "postgres") });
  const seconds = (performance.now() - started) / 1000;
  await postgres.release();
  return seconds;
}

async function startService(directory: string): Promise<Started> {
  const [port, inboxPort] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    PAPERBOY_DATA_DIR: join(directory, "data"),
    PORT: String(port),
    INBOX_SMTP_PORT: String(inboxPort),
  };
  const started = performance.now();
  const child = spawn(process.execPath, COMMAND, {
    cwd: PROJECT,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const gone = once(child, "exit");
  try {
    await ready(`http://127.0.0.1:${port}/readyz`, () => child.exitCode !== null);
    const readySeconds = (performance.now() - started) / 1000;
    await wait(REST_MS);
    const restMegabytes = residentMegabytes(child.pid);
    const stopped = performance.now();
    child.kill("SIGTERM");
    const [code] = await gone;
    if (code !== 0) throw new Error(`the service ended with exit code ${code}`);
    return { readySeconds, restMegabytes, stopSeconds: (performance.now() - stopped) / 1000 };
  } finally {
    child.kill("SIGKILL");
  }
}

function startCommand(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
    scripts: { start: string };
  };
  return scripts.start.split(" ").slice(2);
}

async function ready(url: string, isOver: () => boolean): Promise<void> {
  for (;;) {
    if (isOver()) throw new Error("the service ended before it was ready");
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await wait(20);
  }
}

/** Linux tells; elsewhere nothing is shown. */
function residentMegabytes(pid: number | undefined): number | null {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return null;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(file, "utf8"))?.[1] ?? 0) / 1024;
}
