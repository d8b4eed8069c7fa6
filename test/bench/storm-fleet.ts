import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { QueueBackend } from "@paperboy/queue";
import { SECRET_KEYS } from "../harness/secret.ts";
import type { ClockSetting } from "./storm-days.ts";
import type { WorkerOrder } from "./storm-worker.ts";

/** Mails a worker may have between the mark `dotted` and the record of the answer, for each of its jobs. */
export const CONNECTIONS = 5;
export const LEASE_SECONDS = 2;

const PROGRAM = fileURLToPath(new URL("./storm-worker.js", import.meta.url));
const TEMPLATES = fileURLToPath(new URL("../../../../../templates", import.meta.url));
const START_MS = 20_000;
const DRAIN_MS = 20_000;

export interface FleetOptions {
  readonly databaseUrl: string;
  readonly smtpUrl: string;
  readonly queue: QueueBackend;
  readonly policy: "hold" | "retry";
  /** Where compiled templates and the workers' log are kept. */
  readonly directory: string;
}

/** A worker in a process of its own. */
export interface StormWorker {
  /** False when it ended instead: a service whose database or queue is unavailable does not start either. */
  readonly ready: Promise<boolean>;
  /** Whether it ended, by whatever. */
  hasEnded(): boolean;
  kill(): Promise<void>;
  /** Stops it (SIGSTOP) until its leases have run out, and continues it (SIGCONT). */
  stun(): Promise<void>;
  /** SIGTERM; whether it ended in time and with 0. */
  drain(): Promise<boolean>;
}

/** Starts workers; none of them outlives our process. */
export function createFleet(options: FleetOptions) {
  const log = join(options.directory, "workers.log");
  const output = openSync(log, "a");
  const living = new Set<ChildProcess>();
  const killAll = () => {
    for (const child of living) child.kill("SIGKILL");
  };
  process.on("exit", killAll);
  return {
    start: (clock: ClockSetting): StormWorker => {
      const { queue, directory: cacheDir } = options;
      const order = { clock, queue, templatesDir: TEMPLATES, cacheDir } satisfies WorkerOrder;
      const env = environment(options);
      const child = fork(PROGRAM, [JSON.stringify(order)], {
        env,
        execArgv: ["--no-opt"], // optimised code is not worth its making in a life this short
        stdio: ["ignore", output, output, "ipc"],
      });
      living.add(child);
      child.once("exit", () => living.delete(child));
      return control(child, (line) => writeSync(output, `${child.pid} ${line}\n`));
    },
    killAll,
    /** The last lines the workers wrote. */
    lastWords: () => readFileSync(log, "utf8").trimEnd().split("\n").slice(-40),
  };
}

export type Fleet = ReturnType<typeof createFleet>;

function environment({ databaseUrl, smtpUrl, policy }: FleetOptions) {
  return {
    ...process.env,
    DATABASE_URL: databaseUrl,
    SMTP_URL: smtpUrl,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    PUBLIC_URL: "http://papers.test",
    MAIL_FROM: "Paperboy <digest@papers.test>",
    SECRET_KEYS,
    UNKNOWN_POLICY: policy,
    LEASE_SECONDS: String(LEASE_SECONDS),
  };
}

function control(child: ChildProcess, log: (line: string) => void): StormWorker {
  const ended = once(child, "exit");
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const told = once(child, "message").then(() => true);
  return {
    ready: Promise.race([told, ended.then(() => false), pause(START_MS, false, { ref: false })]),
    hasEnded,
    kill,
    stun: async () => {
      child.kill("SIGSTOP");
      await pause((LEASE_SECONDS + 1) * 1_000);
      child.kill("SIGCONT");
    },
    drain: async () => {
      child.kill("SIGTERM");
      await Promise.race([ended, pause(DRAIN_MS, undefined, { ref: false })]);
      if (child.exitCode === 0) return true;
      log(`did not drain: code ${child.exitCode}, signal ${child.signalCode}`);
      await kill();
      return false;
    },
  };
}
