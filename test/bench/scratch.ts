import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, useEmbeddedPostgres } from "@paperboy/db";
import pg from "pg";

/** A directory that the database's account can reach too, gone when the process ends. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "paperboy-bench-"));
  chmodSync(directory, 0o755);
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * A migrated database with the settings a service has, in a scratch directory; or, when `PAPERBOY_BENCH_TEMPLATE` names one that
 * may be copied, a copy of that, for a run whose figures nobody reads.
 */
export async function scratchDatabase(): Promise<{ url: string; close(): Promise<void> }> {
  const { PAPERBOY_BENCH_TEMPLATE: template } = process.env;
  if (template !== undefined) return copyOf(template);
  const postgres = await useEmbeddedPostgres({ directory: join(scratchDirectory(), "postgres") });
  await migrate(postgres.url);
  return { url: postgres.url, close: () => postgres.release() };
}

async function copyOf(template: string): Promise<{ url: string; close(): Promise<void> }> {
  const url = new URL(template);
  const origin = url.pathname.slice(1);
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  const onServer = async (sql: string) => {
    const client = new pg.Client({
      connectionString: Object.assign(new URL(url), { pathname: "/postgres" }).href,
    });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${origin}`);
  url.pathname = `/${name}`;
  return { url: url.href, close: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) };
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
