import { createHmac } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SigningKey } from "@paperboy/core";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { PrismaClient } from "../generated/client.ts";
import { type AddressHashes, addressHashes } from "./address-hash.ts";
import { type DeliveryId, deliveryIds } from "./deliveries/delivery-id.ts";
import { type Query, sqlOf } from "./query.ts";
import { openSearches, type SearchLimits } from "./searches.ts";
import type { Statement } from "./statement.ts";

export interface ConnectionOptions extends SearchLimits {
  readonly url: string;
  /** The most connections this process opens; 10 when absent. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** Key the hashes of addresses that are kept; without them the hashes can be tried by anybody who sees them. */
  readonly keys?: readonly SigningKey[];
  /** Called when an idle connection breaks, as when Postgres restarts; the pool replaces it by itself. */
  readonly onIdleError?: (error: Error) => void;
}

/** One pool, spoken to through Prisma for rows and through SQL for sets. */
export interface Connection {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  /** Runs one statement and returns its rows. */
  readonly query: Query;
  /** The same for a statement that runs all the time: each connection parses and plans it once, and knows it by its name. */
  prepared<Row extends object>(statement: Statement<Row>, params: readonly unknown[]): Promise<Row[]>;
  /**
   * Runs what a stranger asked for, within a deadline and on connections of its own.
   *
   * @throws SearchTooSlow, SearchBusy
   */
  readonly search: Query;
  /** Runs `work` in one transaction on one connection. */
  transaction<Result>(work: (query: Query, copy: Copy) => Promise<Result>): Promise<Result>;
  readonly hashes: AddressHashes;
  readonly throttleKey: ThrottleKey;
  readonly deliveryId: DeliveryId;
  close(): Promise<void>;
}

/** The row that counts what is limited by `who`, which may be an address: only a keyed hash of it is kept. */
export type ThrottleKey = (name: string, who: string) => string;

/** For transactions that write many papers: lets the list of what is still to be indexed grow; compiles no statements. */
export const LATE_INDEXING =
  "set_config('gin_pending_list_limit', '32MB', true), set_config('work_mem', '64MB', true), set_config('jit', 'off', true)";

/** Feeds lines of COPY's text format to a `COPY … FROM STDIN` statement. */
export type Copy = (sql: string, lines: Iterable<string>) => Promise<void>;

export type { Query } from "./query.ts";

export function openConnection(options: ConnectionOptions): Connection {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    application_name: options.applicationName ?? "paperboy",
    connectionTimeoutMillis: 10_000,
  });
  pool.on("error", (error) => options.onIdleError?.(error));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const searches = openSearches(options, options);
  const queryOn = (client: pg.Pool | pg.PoolClient): Query => {
    return async (what: string | Statement<object>, params: readonly unknown[] = []) =>
      (await client.query(sqlOf(what), [...params])).rows;
  };
  return {
    prisma,
    pool,
    query: queryOn(pool),
    prepared: async ({ name, sql: text }, params) =>
      (await pool.query({ name, text, values: [...params] })).rows,
    search: searches.query,
    hashes: addressHashes(options.keys ?? []),
    deliveryId: deliveryIds(options.keys ?? []),
    throttleKey: throttleKeys(options.keys?.[0]?.secret ?? ""),
    transaction: (work) => inTransaction(pool, (client) => work(queryOn(client), copyOn(client))),
    close: async () => {
      await prisma.$disconnect();
      await Promise.all([pool.end(), searches.close()]);
    },
  };
}

const throttleKeys =
  (secret: string): ThrottleKey =>
  (name, who) =>
    `${name}:${createHmac("sha256", secret).update(`paperboy:throttle:${who}`).digest("base64url").slice(0, 27)}`;

const copyOn =
  (client: pg.PoolClient): Copy =>
  (sql, lines) =>
    pipeline(Readable.from(lines, { objectMode: false }), client.query(copyFrom(sql)));

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onBreak = (error: Error) => {
    broken = error; // the connection is gone: the server has rolled back by itself
  };
  // The pool listens to idle connections only, and a break between two statements would end the process.
  client.on("error", onBreak);
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(onBreak);
    throw error;
  } finally {
    client.off("error", onBreak);
    client.release(broken);
  }
}
