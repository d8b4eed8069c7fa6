import {
  type FieldError,
  faultDetails,
  parseQuery,
  printQuery,
  type QueryFaultDetails,
} from "@paperboy/core";

/** Why a query cannot be read. */
export interface QueryFault extends Error, QueryFaultDetails {}

export function isQuerySyntaxError(error: unknown): error is QueryFault {
  return error instanceof Error && error.name === "QuerySyntaxError" && "column" in error;
}

/** A query's fault as the error of a field, with all it knows. */
export function queryFieldError(field: string, fault: QueryFault): FieldError {
  return { field, message: fault.message, ...faultDetails(fault) };
}

/**
 * The canonical spelling of a topic's query.
 *
 * @throws {QuerySyntaxError} when it cannot be read.
 */
export const canonicalQuery = (text: string): string => printQuery(parseQuery(text));
