import { LATE_INDEXING, type Query } from "./connection.ts";

/**
 * Every advisory lock of this database, so that no two things share a number by accident. Programs of different versions run
 * at once during an upgrade: a number is never changed, nor given to something else.
 */
export const LOCKS = {
  /** One process migrates, the others wait; held for a whole connection. */
  migrations: 7_290_001,
  /** Serialises ingestion: two processes that see the same new paper at once must not make it twice. */
  ingest: 7_290_002,
  /** Serialises announcing: seqs become visible in the order they are given, so no late commit slips below a watermark. */
  announce: 7_290_003,
  /** Serialises claims of sources, so that two workers cannot both find arXiv unasked. */
  sourceClaims: 7_290_004,
  /** One process rebuilds terms at a time; one that waited finds little to do and does it again, which changes nothing. */
  rebuildTerms: 7_290_011,
  /** Serialises giving addresses the keys of their mailboxes. */
  mailboxKeys: 7_290_014,
} as const;

export type LockName = keyof typeof LOCKS;

/** Waits for the lock and holds it until the transaction ends. */
export async function lockUntilCommit(query: Query, name: LockName): Promise<void> {
  await query("SELECT pg_advisory_xact_lock($1)", [LOCKS[name]]);
}

/**
 * As `lockUntilCommit`, for a transaction that writes papers. The index on terms is appended to while papers are written and
 * put in order when they are announced, which is before anybody looks for them (PostgreSQL manual, "GIN fast update
 * technique"); longer lists are put in order faster.
 */
export async function lockToWritePapers(query: Query, name: LockName): Promise<void> {
  await query(`SELECT pg_advisory_xact_lock($1), ${LATE_INDEXING}`, [LOCKS[name]]);
}
