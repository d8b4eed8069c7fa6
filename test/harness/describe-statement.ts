import type pg from "pg";

/** A column of the rows a statement gives, as Postgres tells before anything is run. */
export interface DescribedColumn {
  readonly name: string;
  /** A type as `format_type` names it, such as `integer` or `timestamp(3) with time zone`; `enum` for all of ours. */
  readonly type: string;
  /** Whether it is a column of a table that may not be null; null for what is computed. */
  readonly notNull: boolean | null;
}

interface Field {
  readonly name: string;
  readonly tableID: number;
  readonly columnID: number;
  readonly dataTypeID: number;
}

/** Asks Postgres for the columns of a statement: it is parsed and planned, and not run. */
export async function describeStatement(pool: pg.Pool, sql: string): Promise<DescribedColumn[]> {
  const client = await pool.connect();
  try {
    const fields = await describe(client, sql);
    const { rows } = await client.query<DescribedColumn>(
      `SELECT f.name, CASE WHEN t.typtype = 'e' THEN 'enum' ELSE format_type(t.oid, NULL) END AS type, a.attnotnull AS "notNull"
       FROM ROWS FROM (jsonb_to_recordset($1) AS (name text, "tableID" oid, "columnID" int, "dataTypeID" oid))
         WITH ORDINALITY AS f(name, "tableID", "columnID", "dataTypeID", place)
       JOIN pg_type t ON t.oid = f."dataTypeID"
       LEFT JOIN pg_attribute a ON a.attrelid = f."tableID" AND a.attnum = f."columnID" AND a.attnum > 0 ORDER BY place`,
      [JSON.stringify(fields)],
    );
    return rows;
  } finally {
    client.release();
  }
}

/** Parse, Describe and Sync of the extended protocol: what pg does for a query, without Bind and Execute. */
const describe = (client: pg.PoolClient, text: string): Promise<readonly Field[]> =>
  new Promise((resolve, reject) => {
    let fields: readonly Field[] = [];
    let failed: Error | undefined;
    client.query({
      submit: (connection: Wire) => {
        connection.parse({ name: "", text, types: [] }, true);
        connection.describe({ type: "S", name: "" }, true);
        connection.sync();
      },
      handleRowDescription: (message: { fields: readonly Field[] }) => {
        fields = message.fields;
      },
      handleError: (error: Error) => {
        failed = error;
      },
      handleReadyForQuery: () => (failed ? reject(failed) : resolve(fields)),
    } as unknown as pg.Submittable);
  });

interface Wire {
  parse(query: { name: string; text: string; types: readonly number[] }, more: boolean): void;
  describe(what: { type: "S"; name: string }, more: boolean): void;
  sync(): void;
}
