import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type EmbeddedPostgres, migrate, useEmbeddedPostgres } from "@paperboy/db";
import { freePort } from "./free-port.ts";
import { makeServerDirectory } from "./server-directory.ts";

/** A PostgreSQL server of our own that can be killed and comes back at the same address. */
export interface MortalPostgres {
  /** Connection string of its migrated database. */
  readonly url: string;
  /** Ends the postmaster at once (SIGKILL), as a crash would; its other processes follow when they notice. */
  kill(): Promise<void>;
  /** Brings the server back after `kill`; resolves when it answers. */
  revive(): Promise<void>;
  /** Stops it for good and removes its files. */
  close(): Promise<void>;
}

/** Starts one with the settings a service has, but for its port, which must survive it. */
export async function startMortalPostgres(): Promise<MortalPostgres> {
  const directory = makeServerDirectory();
  const settings = [`port=${await freePort()}`];
  const start = () => useEmbeddedPostgres({ directory, settings });
  let server = await start();
  await migrate(server.url);
  return {
    url: server.url,
    kill: async () => {
      process.kill(postmasterOf(directory), "SIGKILL");
      await server.release();
    },
    revive: async () => {
      server = await retryUntilStarted(start);
    },
    close: async () => {
      await server.release();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The first line of `postmaster.pid` (PostgreSQL manual, "Database File Layout"). */
function postmasterOf(directory: string): number {
  const elsewhere = join(directory, "location");
  const home = existsSync(elsewhere) ? readFileSync(elsewhere, "utf8").trim() : directory;
  return Number(readFileSync(join(home, "data/postmaster.pid"), "utf8").split("\n")[0]);
}

const TIMEOUT_MS = 60_000;

/** A server that was killed leaves processes behind for a moment, and while they hold its memory no new one starts. */
async function retryUntilStarted(start: () => Promise<EmbeddedPostgres>): Promise<EmbeddedPostgres> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(100);
    }
  }
}
