import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import pg from "pg";
import { DatabaseUnavailable } from "../errors.ts";
import { type Account, canReach } from "./account.ts";
import { type Binaries, ROOT_HOME } from "./binaries.ts";

/** One PostgreSQL data directory and what is needed to run it. */
export interface Cluster {
  readonly pgdata: string;
  readonly log: string;
  readonly password: string;
  readonly account: Account;
  readonly binaries: Binaries;
  /** Server settings, e.g. `["fsync=off"]`; only throw-away databases of tests need any. */
  readonly settings: readonly string[];
}

/**
 * Opens the cluster that belongs to `directory`, initialising it on first use. When `account` cannot reach
 * the directory the cluster lies in `ROOT_HOME`, and a file in the directory says where.
 */
export function openCluster(
  directory: string,
  account: Account,
  binaries: Binaries,
  settings: readonly string[],
): Cluster {
  mkdirSync(directory, { recursive: true });
  const home = homeOf(directory, account);
  const secret = join(directory, "password");
  if (!existsSync(secret)) writeFileSync(secret, randomBytes(24).toString("base64url"), { mode: 0o600 });
  const password = readFileSync(secret, "utf8");
  const cluster = {
    pgdata: join(home, "data"),
    log: join(home, "postgres.log"),
    password,
    account,
    binaries,
    settings,
  };
  if (!existsSync(join(cluster.pgdata, "PG_VERSION"))) initialise(cluster);
  return cluster;
}

function homeOf(directory: string, account: Account): string {
  const pointer = join(directory, "location");
  if (existsSync(pointer)) return readFileSync(pointer, "utf8").trim();
  if (account.uid !== undefined) chownSync(directory, account.uid, account.gid ?? account.uid);
  if (canReach(account, directory, true)) return directory;
  const home = join(ROOT_HOME, `cluster-${randomBytes(6).toString("hex")}`);
  mkdirSync(home, { recursive: true });
  chmodSync(ROOT_HOME, 0o755);
  if (account.uid !== undefined) chownSync(home, account.uid, account.gid ?? account.uid);
  writeFileSync(pointer, home);
  return home;
}

/** `initdb` into a draft that is renamed when whole, so that a kill half-way leaves nothing half-made. */
function initialise({ pgdata, password, account, binaries }: Cluster): void {
  const draft = `${pgdata}.new`;
  rmSync(draft, { recursive: true, force: true });
  const passwordFile = `${pgdata}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined) chownSync(passwordFile, account.uid, account.gid ?? account.uid);
  const args = [
    "-D",
    draft,
    "-U",
    "paperboy",
    "-A",
    "scram-sha-256",
    `--pwfile=${passwordFile}`,
    "-E",
    "UTF8",
  ];
  const locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  const { status, stderr, error } = spawnSync(binaries.initdb, [...args, ...locale, "--no-instructions"], {
    ...account,
    cwd: dirname(pgdata),
    encoding: "utf8",
  });
  rmSync(passwordFile, { force: true });
  if (status !== 0) {
    throw new DatabaseUnavailable(
      `Postgres could not be initialised in ${pgdata}: ${faultIn(stderr ?? "") || String(error)}`,
    );
  }
  renameSync(draft, pgdata);
}

/** The port of the running server, from the file it keeps; undefined when none is ready. */
export function runningPort({ pgdata }: Cluster): number | undefined {
  const lines = pidFile(pgdata);
  return lines[7]?.trim() === "ready" && isAlive(Number(lines[0])) ? Number(lines[3]) : undefined;
}

/** Whether a server process holds the cluster, ready or not. */
export function isHeld({ pgdata }: Cluster): boolean {
  return isAlive(Number(pidFile(pgdata)[0]));
}

function pidFile(pgdata: string): string[] {
  try {
    return readFileSync(join(pgdata, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}

/** True for a process we may not signal as well: it exists. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Starts the server in a session of its own, so that Ctrl-C reaches us and not the database under us. */
export async function startServer(cluster: Cluster): Promise<void> {
  const { pgdata, log, account, binaries } = cluster;
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    ...cluster.settings,
  ];
  const output = openSync(log, "a");
  const server = spawn(
    binaries.postgres,
    ["-D", pgdata, "-p", String(await freePort()), ...settings.flatMap((setting) => ["-c", setting])],
    { ...account, cwd: dirname(pgdata), detached: true, stdio: ["ignore", output, output] },
  );
  let failure: string | undefined;
  server.once("error", (error) => {
    failure = error.message;
  });
  server.once("exit", () => {
    failure = lastLine(readFileSync(log, "utf8"));
  });
  server.unref();
  for (let waited = 0; runningPort(cluster) === undefined; waited += 20) {
    if (failure !== undefined || waited > 30_000) {
      throw new DatabaseUnavailable(
        `Postgres did not come up in ${pgdata}: ${failure ?? "no answer in 30 s"} (log: ${log})`,
      );
    }
    await pause(20);
  }
  server.removeAllListeners("exit");
}

/** The address of the cluster's database `paperboy`, made on first use; undefined when the server is going away. */
export async function connectionUrl(cluster: Cluster, port: number): Promise<string | undefined> {
  const base = `postgresql://paperboy:${cluster.password}@127.0.0.1:${port}`;
  const client = new pg.Client({ connectionString: `${base}/postgres` });
  client.on("error", () => {}); // a server that ends mid-query is told by the query itself
  try {
    await client.connect();
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = 'paperboy'");
    if (rowCount === 0) await client.query("CREATE DATABASE paperboy");
    return `${base}/paperboy`;
  } catch (error) {
    if ((error as { code?: string }).code === "42P04" || (error as { code?: string }).code === "23505")
      return `${base}/paperboy`;
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The line that says what went wrong: behind it a server tidies up, and says that too. */
function faultIn(text: string): string {
  const lines = text.trim().split("\n");
  return (
    lines.find((line) => /\b(?:FATAL|PANIC)\b|No space left/.test(line)) ??
    lines.find((line) => /error:/.test(line)) ??
    lines.at(-1) ??
    ""
  ).trim();
}

const lastLine = (text: string) => text.trim().split("\n").at(-1) ?? "";

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
