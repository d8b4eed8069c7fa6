import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseUnavailable } from "../errors.ts";
import { postgresAccount } from "./account.ts";
import { postgresBinaries } from "./binaries.ts";
import {
  type Cluster,
  connectionUrl,
  isHeld,
  openCluster,
  pause,
  runningPort,
  startServer,
} from "./cluster.ts";

/** A running PostgreSQL server of our own. */
export interface EmbeddedPostgres {
  /** Connection string of the database `paperboy`. */
  readonly url: string;
  /** Gives up our use; whoever is last stops the server, and this resolves when it is down. Idempotent. */
  release(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Where the cluster lives; made when missing. */
  readonly directory: string;
  readonly settings?: readonly string[];
}

/**
 * Uses the embedded PostgreSQL server of a directory, starting it when nobody has. Any number of processes
 * may use it at once. The last one to go stops it, however it goes: each user has a watchdog that sees its
 * process end, even by `kill -9`.
 *
 * @throws DatabaseUnavailable naming the directory and what Postgres said.
 */
export async function useEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = resolve(options.directory);
  const account = postgresAccount();
  const cluster = openCluster(directory, account, postgresBinaries(account), options.settings ?? []);
  const watchdog = register(directory, cluster);
  try {
    const url = await reachServer(cluster);
    return { url, release: () => dismiss(watchdog) };
  } catch (error) {
    await dismiss(watchdog);
    throw error;
  }
}

/** Retries until a deadline, because another process may be starting or stopping the same server. */
async function reachServer(cluster: Cluster): Promise<string> {
  const deadline = performance.now() + 60_000;
  let failure: unknown;
  while (performance.now() < deadline) {
    const port = runningPort(cluster);
    const url = port === undefined ? undefined : await connectionUrl(cluster, port);
    if (url !== undefined) return url;
    if (isHeld(cluster)) {
      await pause(50);
      continue;
    }
    if (failure !== undefined) throw failure;
    await startServer(cluster).catch((error) => {
      failure = error; // lost a race, or is broken: one more look tells
    });
  }
  throw failure ?? new DatabaseUnavailable(`Postgres in ${cluster.pgdata} did not answer within 60 s`);
}

/**
 * Waits for the end of its input, which comes when our process closes it or dies; then strikes us off the
 * list of users and, when no living one is left, stops the server ("fast": open transactions roll back).
 */
const WATCHDOG = `
cat > /dev/null
rm -f "$1/$2"
for user in "$1"/*; do
  [ -e "$user" ] || continue
  pid=\${user##*/}
  if kill -0 "\${pid%%-*}" 2> /dev/null; then exit 0; fi
  rm -f "$user"
done
[ -f "$3/postmaster.pid" ] || exit 0
pid=$(head -n 1 "$3/postmaster.pid")
kill -INT "$pid" 2> /dev/null
while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
`;

function register(directory: string, { pgdata }: Cluster): ChildProcess {
  const users = join(directory, "users");
  mkdirSync(users, { recursive: true });
  const user = `${process.pid}-${randomBytes(4).toString("hex")}`;
  writeFileSync(join(users, user), "");
  const watchdog = spawn("/bin/sh", ["-c", WATCHDOG, "sh", users, user, pgdata], {
    detached: true,
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref?: () => void }).unref?.();
  return watchdog;
}

async function dismiss(watchdog: ChildProcess): Promise<void> {
  if (watchdog.exitCode !== null || watchdog.signalCode !== null) return;
  watchdog.ref();
  const ended = new Promise<void>((resolve) => watchdog.once("exit", () => resolve()));
  watchdog.stdin?.end();
  await ended;
}
