import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, useEmbeddedPostgres } from "@paperboy/db";

/** A directory that the database's account can reach too, gone when the process ends. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "paperboy-bench-"));
  chmodSync(directory, 0o755);
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A migrated database with the settings a service has, in a scratch directory. */
export async function scratchDatabase(): Promise<{ url: string; close(): Promise<void> }> {
  const postgres = await useEmbeddedPostgres({ directory: join(scratchDirectory(), "postgres") });
  await migrate(postgres.url);
  return { url: postgres.url, close: () => postgres.release() };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
