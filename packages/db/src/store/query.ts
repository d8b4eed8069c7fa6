/** Runs one statement and gives its rows. */
export type Query = <Row extends object>(sql: string, params?: readonly unknown[]) => Promise<Row[]>;
