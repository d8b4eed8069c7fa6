import {
  type FieldError,
  faultDetails,
  parseQuery,
  printQuery,
  type QueryFaultDetails,
  QueryTooBroad,
} from "@paperboy/core";
import { SearchBusy, SearchTooSlow } from "@paperboy/db";
import { Problem } from "./http/problem.ts";

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

/** A search that was refused for what it would cost, or that could not be answered in time; null for any other error. */
export function refusedSearch(error: unknown): Problem | null {
  if (error instanceof QueryTooBroad) {
    const { message, part, suggestion } = error;
    return new Problem(422, message, { errors: [{ field: "query", message, found: part, suggestion }] });
  }
  if (error instanceof SearchTooSlow) {
    return new Problem(503, `${sentence(error)} Please make the query narrower, or try again later.`, RETRY);
  }
  if (error instanceof SearchBusy) {
    return new Problem(503, "Many searches are under way. Please try again in some seconds.", RETRY);
  }
  return null;
}

const RETRY = { headers: { "Retry-After": "10" } };
const sentence = ({ message }: Error) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
