import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePort } from "./free-port.ts";

/** A Redis server of our own; it does not outlive our process, however that ends. */
export interface TestRedis {
  readonly url: string;
  readonly pid: number;
  /** Sends one command, such as `FLUSHALL`; resolves with the first line of the answer. */
  command(line: string): Promise<string>;
  /** Ends it and removes its files. Idempotent. */
  stop(): Promise<void>;
  /** Ends it at once (SIGKILL), as a crash would; what was not saved is gone. */
  kill(): Promise<void>;
}

/** The path of `redis-server`, or null when there is none on the PATH. */
export function findRedis(): string | null {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(directory, "redis-server");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}

/** Starts a Redis that keeps nothing on disk, on a loopback port; `port` brings one back at its old address. */
export async function startRedis(
  options: { args?: readonly string[]; port?: number } = {},
): Promise<TestRedis> {
  const binary = findRedis();
  if (!binary) throw new Error("redis-server is not on the PATH");
  const port = options.port ?? (await freePort());
  const directory = mkdtempSync(join(tmpdir(), "paperboy-redis-"));
  const fixed = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--dir",
    directory,
    "--save",
    "",
    "--appendonly",
    "no",
  ];
  const child = spawn(binary, [...fixed, ...(options.args ?? [])], { stdio: ["ignore", "pipe", "pipe"] });
  const release = killWithUs(child);
  const end = async (signal: NodeJS.Signals) => {
    await ended(child, signal);
    release();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await accepting(child);
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    command: (line) => ask(port, line),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** A shell that waits for the end of its input, which comes even when our process is killed, and then kills the server. */
function killWithUs({ pid }: ChildProcess): () => void {
  const watchdog = spawn("/bin/sh", ["-c", 'cat > /dev/null; kill -9 "$1" 2> /dev/null', "sh", String(pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  return () => {
    watchdog.kill(); // before its input ends, so that it never kills whoever has the number next
    watchdog.stdin?.destroy();
  };
}

function ask(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${line}\r\n`));
    socket.setEncoding("utf8").once("error", reject);
    socket.once("data", (answer) => {
      socket.destroy();
      resolve(String(answer).split("\r\n")[0] as string);
    });
    socket.once("close", () => reject(new Error("Redis hung up")));
  });
}

function accepting(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    const read = (chunk: Buffer) => {
      log += chunk;
      if (log.includes("Ready to accept connections")) resolve();
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new Error(`redis-server ended with code ${code}: ${log.slice(-400)}`)),
    );
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}
