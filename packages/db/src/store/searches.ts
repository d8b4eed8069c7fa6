import pg from "pg";
import { SearchBusy, SearchTooSlow } from "../errors.ts";
import { type Query, sqlOf } from "./query.ts";
import type { Statement } from "./statement.ts";

export interface SearchLimits {
  /** Searches that Postgres works on at a time, for this process; 2 when absent. */
  readonly searches?: number;
  /** When Postgres stops a search, in milliseconds; 3,000 when absent. */
  readonly searchTimeoutMs?: number;
}

/** Statements that wait for a connection; a search is one to four, one after the other. */
const MAX_WAITING = 200;
/** How long they wait before they are refused. */
const WAIT_MS = 5_000;
/** SQLSTATE `query_canceled`, which is what `statement_timeout` raises. */
const CANCELED = "57014";

/**
 * What strangers ask of Postgres: on few connections of their own, so that nothing else waits for one, and each statement
 * with a deadline. Connections are made when first needed, and closed when they have been idle.
 */
export function openSearches(
  options: {
    readonly url: string;
    readonly applicationName?: string;
    readonly onIdleError?: (error: Error) => void;
  },
  { searches = 2, searchTimeoutMs = 3_000 }: SearchLimits,
): { readonly query: Query; readonly close: () => Promise<void> } {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: searches,
    application_name: `${options.applicationName ?? "paperboy"} search`,
    connectionTimeoutMillis: WAIT_MS,
    // Compiling a plan takes longer than most searches. The pool waits for this before it gives a connection out.
    onConnect: async (client) => {
      await client.query(`SET statement_timeout = ${searchTimeoutMs}; SET jit = off`);
    },
  });
  pool.on("error", (error) => options.onIdleError?.(error));
  return {
    query: async (what: string | Statement<object>, params: readonly unknown[] = []) => {
      if (pool.waitingCount >= MAX_WAITING) throw new SearchBusy("too many searches are waiting");
      try {
        return (await pool.query(sqlOf(what), [...params])).rows;
      } catch (error) {
        throw translated(error as Error & { code?: string }, searchTimeoutMs);
      }
    },
    close: () => pool.end(),
  };
}

function translated(error: Error & { readonly code?: string }, searchTimeoutMs: number): Error {
  if (error.code === CANCELED) {
    return new SearchTooSlow(
      `the search took longer than ${searchTimeoutMs / 1000} seconds and was stopped`,
      {
        cause: error,
      },
    );
  }
  if (error.message === "timeout exceeded when trying to connect") {
    return new SearchBusy(`the search waited for ${WAIT_MS / 1000} seconds`, { cause: error });
  }
  return error;
}
