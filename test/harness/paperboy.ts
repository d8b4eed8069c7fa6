import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TEMPLATES } from "./templates.ts";

const EXECUTABLE = fileURLToPath(new URL("../../apps/cli/bin/paperboy.mjs", import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout holds a text; rejects when the command ends without it. */
  says(text: string): Promise<void>;
}

/**
 * Starts the real command line in a process of its own, with nothing of our environment but what it needs, and with a
 * data directory for its own length unless `env` names one.
 */
export function startCommand(args: readonly string[], env: Readonly<Record<string, string>>): RunningCommand {
  const ownDirectory = env.PAPERBOY_DATA_DIR === undefined ? makeDataDirectory() : undefined;
  // No life here is long enough for optimised code to be worth its making.
  const child = spawn(process.execPath, ["--no-opt", EXECUTABLE, ...args], {
    env: { PATH: process.env.PATH, ...(ownDirectory && { PAPERBOY_DATA_DIR: ownDirectory }), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
    child.emit("said");
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, "close").then(([code, signal]) => {
    if (ownDirectory) rmSync(ownDirectory, { recursive: true, force: true });
    return { code, signal, stdout, stderr };
  });
  const says = async (text: string) => {
    const over = ended.then(() => true);
    while (!stdout.includes(text)) {
      const isOver = await Promise.race([once(child, "said").then(() => false), over]);
      if (isOver && !stdout.includes(text))
        throw new Error(`ended without saying '${text}': ${stdout}${stderr}`);
    }
  };
  return { process: child, ended, says };
}

/** A new data directory that holds the compiled templates, whose making takes longer than most commands. */
export function makeDataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "paperboy-data-"));
  chmodSync(directory, 0o755); // an embedded Postgres runs as another user
  if (existsSync(TEMPLATES.cacheDir))
    cpSync(TEMPLATES.cacheDir, join(directory, "cache"), { recursive: true });
  return directory;
}

/** Runs a command to its end. */
export function runCommand(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return startCommand(args, env).ended;
}
