import { parseQuery, printQuery } from "@paperboy/core";
import type { FieldError } from "./http/problem.ts";

/** Why a query cannot be read: the column (1-based), what stands there and what could. */
export interface QueryFault extends Error {
  readonly column: number;
  readonly found?: string;
  readonly expected?: unknown;
  readonly suggestion?: string | null;
  readonly quoted?: string | null;
}

export function isQuerySyntaxError(error: unknown): error is QueryFault {
  return error instanceof Error && error.name === "QuerySyntaxError" && "column" in error;
}

/** A query's fault as the error of a field, with all it knows. */
export function queryFieldError(field: string, fault: QueryFault): FieldError {
  return { field, message: fault.message, ...faultDetails(fault) };
}

/** What a fault says beside its message; absent parts are left out. */
export function faultDetails({ column, found, expected, suggestion, quoted }: QueryFault) {
  return {
    column,
    ...(found !== undefined && { found }),
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && suggestion !== null && { suggestion }),
    ...(quoted !== undefined && quoted !== null && { quoted }),
  };
}

/**
 * The canonical spelling of a topic's query.
 *
 * @throws {QuerySyntaxError} when it cannot be read.
 */
export const canonicalQuery = (text: string): string => printQuery(parseQuery(text));
