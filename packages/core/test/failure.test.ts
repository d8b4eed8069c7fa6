import { explainFailure, reachFailure } from "@paperboy/core";
import { describe, expect, it } from "vitest";

const coded = (code: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { code, ...more });
/** As Prisma's adapters wrap what the server said. */
const wrapped = (originalCode: string, originalMessage: string) =>
  Object.assign(new Error("Raw query failed"), {
    code: "P2010",
    meta: {
      driverAdapterError: Object.assign(new Error("x"), {
        cause: { kind: "postgres", originalCode, originalMessage },
      }),
    },
  });

describe("a failure outside", () => {
  it.each<[string, unknown, RegExp]>([
    [
      "a wrong password",
      coded("28P01", 'password authentication failed for user "ada"'),
      /^DATABASE_URL: .*password.*"ada"/,
    ],
    ["a host that may not", coded("28000", "no pg_hba.conf entry"), /^DATABASE_URL: .*let this user in/],
    [
      "no such database",
      coded("3D000", 'database "papers" does not exist'),
      /^DATABASE_URL: .*no such database.*"papers"/,
    ],
    ["a full disk of the server", coded("53100", "could not extend file"), /^DATABASE_URL: .*disk.*full/],
    ["the same through Prisma", wrapped("53100", "could not extend file"), /^DATABASE_URL: .*disk.*full/],
    ["no connection left", coded("53300", "too many clients already"), /^DATABASE_URL: .*max_connections/],
    [
      "a standby",
      coded("25006", "cannot execute INSERT in a read-only transaction"),
      /^DATABASE_URL: .*standby/,
    ],
    [
      "no right",
      coded("42501", "permission denied for schema public"),
      /^DATABASE_URL: .*right.*schema public/,
    ],
    [
      "a server that starts",
      coded("57P03", "the database system is starting up"),
      /^DATABASE_URL: .*try again/,
    ],
    ["a code of a known class", coded("08006", "connection failure"), /^DATABASE_URL: .*broke/],
    [
      "no password",
      new Error("SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string"),
      /^DATABASE_URL: .*none is given/,
    ],
    ["silence", new Error("timeout exceeded when trying to connect"), /^DATABASE_URL: .*in time/],
    [
      "nobody there",
      coded("ECONNREFUSED", "connect", { address: "127.0.0.1", port: 5432 }),
      /^DATABASE_URL: 127\.0\.0\.1:5432 refuses/,
    ],
    [
      "nobody on IPv6",
      coded("ECONNREFUSED", "connect", { address: "::1", port: 5432 }),
      /^DATABASE_URL: \[::1\]:5432 refuses/,
    ],
    [
      "an unknown host",
      coded("ENOTFOUND", "getaddrinfo", { hostname: "db.invalid" }),
      /^DATABASE_URL: .*db\.invalid/,
    ],
    [
      "a host without DNS",
      coded("EAI_AGAIN", "getaddrinfo", { hostname: "db.invalid" }),
      /^DATABASE_URL: .*DNS/,
    ],
    ["a full disk", coded("ENOSPC", "write", { path: "/data/x" }), /^\/data\/x: the disk is full/],
    ["a full disk without a name", coded("ENOSPC", "write", { syscall: "write" }), /^the disk is full/],
    ["a missing folder", coded("ENOENT", "open", { path: "/a/b" }), /^\/a\/b: no such file or folder$/],
    ["a disk that is read only", coded("EROFS", "open", { path: "/a" }), /^\/a: .*read-only/],
  ])("is told in one sentence: %s", (_name, error, says) => {
    expect(explainFailure(error)).toMatch(says);
    expect(explainFailure(new Error("outer", { cause: error }))).toMatch(says);
    expect(explainFailure(new AggregateError([error]))).toMatch(says);
    expect(explainFailure(error)).not.toMatch(/\n/);
  });

  it("names the data directory when the database lies there", () => {
    const full = coded("53100", "could not extend file");
    expect(explainFailure(full, { database: "PAPERBOY_DATA_DIR" })).toMatch(/^PAPERBOY_DATA_DIR: /);
  });

  it("names the data directory when a file of it cannot be written", () => {
    const places = { database: "DATABASE_URL", dataDir: "/data" };
    expect(explainFailure(coded("ENOSPC", "write", { path: "/data/cache/x" }), places)).toBe(
      "PAPERBOY_DATA_DIR: /data/cache/x: the disk is full; free some space",
    );
    expect(explainFailure(coded("ENOSPC", "write", { path: "/database/x" }), places)).toMatch(/^\/database/);
  });

  it.each([
    ["a fault of ours", new TypeError("x is not y")],
    ["a statement that is wrong", coded("42601", "syntax error")],
    ["a row that is there twice", coded("23505", "duplicate key")],
    ["a code of Node's", coded("ERR_INVALID_ARG_TYPE", "no")],
    ["a file without a name", coded("ENOENT", "spawn")],
    ["nothing", undefined],
    ["text", "ECONNREFUSED"],
  ])("is not seen in %s", (_name, error) => {
    expect(explainFailure(error)).toBeNull();
  });

  it("ends where an error is its own cause", () => {
    const error = coded("X", "x");
    error.cause = error;
    expect(explainFailure(error)).toBeNull();
  });

  it("calls the server by the name it is given", () => {
    const refused = coded("ECONNREFUSED", "connect", { address: "127.0.0.1", port: 1 });
    expect(reachFailure(refused, "Redis at redis:6379")).toBe(
      "Redis at redis:6379 refuses connections; is it running?",
    );
    expect(reachFailure(coded("28P01", "no"))).toBeNull();
  });
});
