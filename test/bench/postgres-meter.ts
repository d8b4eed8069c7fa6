import { readFileSync } from "node:fs";
import type pg from "pg";

/** What a Postgres has done since it started. */
export interface PostgresReading {
  /** Bytes of write-ahead log, by its position: statistics of other sessions come seconds late. */
  readonly walBytes: number;
  /** Transactions that wrote, by the number the next one gets. */
  readonly commits: number;
  /** Processor time of the server and all its processes, in milliseconds; 0 where there is no /proc. */
  readonly cpuMs: number;
}

export async function readPostgres(sql: pg.Pool): Promise<PostgresReading> {
  const { rows } = await sql.query(
    `SELECT pg_backend_pid() AS pid, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 AS wal,
       pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS commits`,
  );
  return { walBytes: rows[0].wal, commits: rows[0].commits, cpuMs: serverCpuMs(rows[0].pid) };
}

export const since = (before: PostgresReading, after: PostgresReading): PostgresReading => ({
  walBytes: after.walBytes - before.walBytes,
  commits: after.commits - before.commits,
  cpuMs: after.cpuMs - before.cpuMs,
});

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

/** Fields of proc_pid_stat(5), counted from the one behind the name. */
const FIELD = { parent: 1, user: 11, system: 12, waitedUser: 13, waitedSystem: 14 } as const;

function serverCpuMs(backend: number): number {
  const server = Number(statOf(backend)[FIELD.parent]);
  if (!server) return 0;
  const children = readFileSync(`/proc/${server}/task/${server}/children`, "utf8").trim().split(" ");
  const ended = ticks(statOf(server), [FIELD.user, FIELD.system, FIELD.waitedUser, FIELD.waitedSystem]);
  const living = children.map((pid) => ticks(statOf(pid), [FIELD.user, FIELD.system]));
  return TICK_MS * living.reduce((sum, each) => sum + each, ended);
}

/** Empty when the process has ended meanwhile, and where there is no /proc. */
function statOf(pid: number | string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  } catch {
    return [];
  }
}

const ticks = (stat: readonly string[], fields: readonly number[]): number =>
  fields.reduce((sum, field) => sum + Number(stat[field] ?? 0), 0);

/** Processor time of one process, user and system, in milliseconds; 0 when there is none, and where there is no /proc. */
export const processCpuMs = (pid: number | undefined): number =>
  pid === undefined ? 0 : TICK_MS * ticks(statOf(pid), [FIELD.user, FIELD.system]);
