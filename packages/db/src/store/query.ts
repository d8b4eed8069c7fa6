import type { Statement } from "./statement.ts";

/** Runs a statement. What gives rows that are read is a named one, so that their type is checked. */
export interface Query {
  <Row extends object>(statement: Statement<Row>, params?: readonly unknown[]): Promise<Row[]>;
  /** A statement of whose rows only the number matters. */
  (sql: string, params?: readonly unknown[]): Promise<readonly unknown[]>;
}

/** The text of what is to be run. */
export const sqlOf = (what: string | Statement<object>): string =>
  typeof what === "string" ? what : what.sql;
