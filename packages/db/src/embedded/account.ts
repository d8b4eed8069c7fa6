import { execFileSync, spawnSync } from "node:child_process";
import { DatabaseUnavailable } from "../errors.ts";

/** The operating-system account Postgres runs as; empty when that is simply ours. */
export type Account = { readonly uid: number; readonly gid: number } | Record<string, never>;

/**
 * Postgres refuses to run as root, so root runs it as the user `postgres`, made here when it is missing.
 * Any other account runs it as itself.
 */
export function postgresAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  return lookUp() ?? create();
}

/** Whether the account can enter a directory and, with `write`, create files in it. */
export function canReach(account: Account, directory: string, write: boolean): boolean {
  const test = `cd "$1" ${write ? "&& [ -w . ]" : "&& [ -r . ]"}`;
  return spawnSync("/bin/sh", ["-c", test, "sh", directory], { ...account, cwd: "/" }).status === 0;
}

function lookUp(): Account | undefined {
  const id = (flag: string) => spawnSync("id", [flag, "postgres"], { encoding: "utf8" });
  const [uid, gid] = [id("-u"), id("-g")];
  if (uid.status !== 0 || gid.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

function create(): Account {
  try {
    execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "postgres"], { stdio: "pipe" });
  } catch (error) {
    const account = lookUp(); // another process may have been first
    if (account) return account;
    throw new DatabaseUnavailable(
      `Postgres does not run as root, and a user 'postgres' could not be made (${String(error)}); run as another user or set DATABASE_URL`,
    );
  }
  return lookUp() as Account;
}
