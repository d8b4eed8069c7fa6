/**
 * What Postgres makes of a column, by the type it has for us: `int` and `float` are numbers, `text` is all that arrives as a string
 * (text, uuid, enums, int8), `instant` is a timestamptz.
 */
type CodeOf<Value> = Value extends number
  ? "int" | "float"
  : Value extends string
    ? "text"
    : Value extends boolean
      ? "bool"
      : Value extends Date
        ? "instant"
        : Value extends readonly number[]
          ? "int[]" | "json"
          : Value extends readonly string[]
            ? "text[]" | "json"
            : "json";

/**
 * `?` says that a column may be null, `!` that it never is here, though the schema would let it or it is computed; neither, that
 * the schema does not let it.
 */
export type ColumnCode<Value> = null extends Value
  ? `${CodeOf<NonNullable<Value>>}?`
  : CodeOf<Value> | `${CodeOf<Value>}!`;

/** The columns of a row by name. */
export type Columns<Row> = { readonly [Name in keyof Row]-?: ColumnCode<Row[Name]> };

/** A statement with the rows it gives. Postgres is asked by a test whether that is so (`test/statements.test.ts`). */
export interface Statement<Row extends object> {
  readonly name: string;
  readonly columns: Columns<Row>;
  readonly sql: string;
}

const known = new Map<string, Statement<object>>();

/**
 * Names a statement and the columns of its rows; TypeScript compares these with `Row`, and a test with the schema.
 *
 * @param name file and purpose, such as `orders.lockOrder`; no other statement has it.
 */
export function statement<Row extends object>(
  name: string,
  columns: Columns<Row>,
  sql: string,
): Statement<Row> {
  const made = { name, columns, sql };
  known.set(name, made as unknown as Statement<object>);
  return made;
}

/** Every statement that was named so far. */
export const namedStatements = (): Statement<object>[] => [...known.values()];
