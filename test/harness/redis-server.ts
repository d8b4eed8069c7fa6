import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePort } from "./free-port.ts";
import { describeWith } from "./requirement.ts";

/** A Redis server that belongs to the calling test. */
export interface TestRedis {
  readonly url: string;
  readonly pid: number;
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

/** `describe` for suites that need Redis; left out, or failed when it is required, where there is none. */
export const redisSuite = describeWith({
  name: "redis",
  missing: findRedis() ? null : "redis-server is not on the PATH",
});

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
  const end = async (signal: NodeJS.Signals) => {
    await ended(child, signal);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await accepting(child);
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
  const stop = () => end("SIGTERM");
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid ?? 0, stop, kill: () => end("SIGKILL") };
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
