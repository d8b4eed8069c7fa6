/** The settings that a failure of a server or of a disk is about, as far as whoever asks knows. */
export interface Places {
  /** `DATABASE_URL`, or with the embedded Postgres `PAPERBOY_DATA_DIR`. */
  readonly database: string;
  /** The folder that `PAPERBOY_DATA_DIR` names. */
  readonly dataDir?: string;
}

/**
 * One sentence on a failure that lies outside the program: a database that refuses, a server that is not there, a disk
 * that is full. It names the setting or the file, and what to do. Null for what is not known, such as our own faults.
 *
 * Errors are known by their codes: SQLSTATE (PostgreSQL manual, appendix A) and those of `errno`. Drivers wrap them, so
 * causes are looked through.
 */
export function explainFailure(error: unknown, places: Places = { database: "DATABASE_URL" }): string | null {
  for (const failure of within(error)) {
    const says = ofDatabase(failure, places) ?? ofFile(failure, places) ?? ofServer(failure, places);
    if (says !== null) return says;
  }
  return null;
}

interface Failure {
  readonly code?: unknown;
  readonly message?: unknown;
  /** Where Prisma's adapters keep what the server said. */
  readonly originalCode?: unknown;
  readonly originalMessage?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly meta?: { readonly driverAdapterError?: unknown };
  readonly syscall?: unknown;
  readonly path?: unknown;
  readonly hostname?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
}

const DEEPEST = 8;

/** An error and what it wraps, outermost first. */
function within(error: unknown, depth = 0): Failure[] {
  if (typeof error !== "object" || error === null || depth > DEEPEST) return [];
  const failure = error as Failure;
  const wrapped = [
    failure.cause,
    failure.meta?.driverAdapterError,
    Array.isArray(failure.errors) ? failure.errors[0] : undefined,
  ];
  return [failure, ...wrapped.flatMap((inner) => within(inner, depth + 1))];
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** What to say of a SQLSTATE; a code without an entry is looked for by its class, its first two characters. */
const OF_SQLSTATE: Readonly<Record<string, string>> = {
  "28P01": "the database refuses the user or the password",
  "28": "the database does not let this user in",
  "3D000": "there is no such database; create it, or name another",
  "08": "the connection to the database broke",
  "25006": "the database takes no changes: is it a standby?",
  "42501": "the user of the database lacks a right",
  "53100": "the disk of the database is full; free some space",
  "53200": "the database is out of memory",
  "53300": "the database has no connection left; raise its max_connections",
  "57P01": "the database is being shut down",
  "57P02": "the database has crashed",
  "57P03": "the database is starting up or shutting down; try again in a moment",
  "58": "the database cannot use its files",
};

function ofDatabase(failure: Failure, { database }: Places): string | null {
  const code = String(failure.originalCode ?? failure.code);
  const says = SQLSTATE.test(code) ? (OF_SQLSTATE[code] ?? OF_SQLSTATE[code.slice(0, 2)]) : undefined;
  if (says !== undefined)
    return `${database}: ${says} (${oneLine(failure.originalMessage ?? failure.message)})`;
  const said = OF_DRIVER.find(({ sign }) => sign.test(String(failure.message)));
  return said === undefined ? null : `${database}: ${said.says}`;
}

/** Failures of `pg` that carry no code. */
const OF_DRIVER: readonly { readonly sign: RegExp; readonly says: string }[] = [
  { sign: /^SASL: .*client password must be/, says: "the database asks for a password, and none is given" },
  { sign: /^The server does not support SSL/, says: "the database offers no TLS; leave sslmode out" },
  {
    sign: /^(?:timeout expired|timeout exceeded when trying to connect|Connection terminated due to connection timeout)/,
    says: "the database did not answer in time",
  },
  { sign: /^Connection terminated unexpectedly/, says: "the connection to the database broke" },
];

/** What to say of a file, by the code of `errno`. */
const OF_FILE: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space",
  EDQUOT: "the quota of this user is used up; free some space",
  EROFS: "the disk takes no changes, it is mounted read-only",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is a file and not a folder",
  EISDIR: "is a folder and not a file",
  EEXIST: "is there already",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "links lead in a circle",
  EMFILE: "too many files are open; raise the limit of open files (ulimit -n)",
  ENFILE: "too many files are open on this machine",
  EIO: "the disk cannot be read or written",
};

function ofFile({ code, path }: Failure, { dataDir }: Places): string | null {
  const says = OF_FILE[String(code)];
  if (says === undefined) return null;
  if (typeof path === "string") {
    const isOurs = dataDir !== undefined && `${path}/`.startsWith(`${dataDir}/`);
    return `${isOurs ? "PAPERBOY_DATA_DIR: " : ""}${path}: ${says}`;
  }
  if (!NEEDS_NO_PATH.has(String(code))) return null;
  return dataDir === undefined ? says : `${says} (PAPERBOY_DATA_DIR is ${dataDir})`;
}

const NEEDS_NO_PATH = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO"]);

/** What to say of a server that cannot be reached, by the code of `errno`. */
const OF_SERVER: Readonly<Record<string, (where: string) => string>> = {
  ECONNREFUSED: (where) => `${where} refuses connections; is it running?`,
  ENOTFOUND: (where) => `no machine is known by the name ${where}`,
  EAI_AGAIN: (where) => `the name ${where} cannot be looked up; does DNS work?`,
  ETIMEDOUT: (where) => `${where} did not answer in time`,
  ECONNRESET: (where) => `${where} cut the connection`,
  EPIPE: (where) => `${where} cut the connection`,
  EHOSTUNREACH: (where) => `no way leads to ${where}`,
  ENETUNREACH: (where) => `no way leads to ${where}`,
};

/** The one server that is spoken to without another to answer for it is the database. */
function ofServer(failure: Failure, { database }: Places): string | null {
  const says = reachFailure(failure);
  return says === null ? null : `${database}: ${says}`;
}

/**
 * Why a server cannot be reached, without a setting: `127.0.0.1:6379 refuses connections; is it running?` Null when the
 * error is about something else.
 *
 * @param where what the server is called, when not by the address in the error.
 */
export function reachFailure(error: unknown, where?: string): string | null {
  for (const failure of within(error)) {
    const says = OF_SERVER[String(failure.code)];
    if (says !== undefined) return says(where ?? whereOf(failure));
  }
  return null;
}

function whereOf({ hostname, address, port }: Failure): string {
  if (typeof hostname === "string") return hostname;
  if (typeof address !== "string") return "the server";
  const host = address.includes(":") ? `[${address}]` : address;
  return port === undefined ? host : `${host}:${String(port)}`;
}

const oneLine = (text: unknown): string => String(text).replace(/\s+/g, " ").trim().slice(0, 300);
