import { readdirSync, readFileSync } from "node:fs";
import { parseQuery } from "@paperboy/core";
import { type DescribedColumn, describeStatement } from "@paperboy/harness/describe-statement";
import { openTestStore, type TestStore } from "@paperboy/harness/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { namedStatements } from "../src/store/statement.ts";

/** What arrives as what: types of Postgres by the code that stands for them in `statement.ts`. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  int: ["integer", "smallint"],
  float: ["double precision", "real"],
  text: ["text", "uuid", "bigint", "enum"],
  bool: ["boolean"],
  instant: ["timestamp with time zone"],
  json: ["json", "jsonb"],
  "int[]": ["integer[]"],
  "text[]": ["text[]", "uuid[]", "bigint[]"],
};

let open: TestStore;

beforeAll(async () => {
  open = await openTestStore();
  // Statements of a search are named when it is made.
  for (const text of ["ice", "author:smith"]) {
    const query = parseQuery(text);
    await open.store.archive.search(query, { order: "newest", limit: 3 });
    await open.store.archive.search(query, { order: "relevance", limit: 3 });
    await open.store.archive.preview(query, { since: new Date(0), until: new Date(1), limit: 3 });
  }
});
afterAll(() => open.close());

/** What is wrong about the declared columns of a statement, as Postgres sees it. */
function faults(
  declared: Readonly<Record<string, string>>,
  columns: readonly DescribedColumn[],
  sql: string,
): string[] {
  const missing = Object.keys(declared).filter((name) => columns.every((column) => column.name !== name));
  return [
    ...missing.map((name) => `${name}: is no column`),
    ...columns.flatMap((column) => {
      const code = declared[column.name];
      if (code === undefined) return [`${column.name}: is not declared`];
      return [...typeFaults(code, column), ...nullFaults(code, column, sql)].map(
        (fault) => `${column.name}: ${fault}`,
      );
    }),
  ];
}

function typeFaults(code: string, { type }: DescribedColumn): string[] {
  return TYPES[code.replace(/[?!]$/, "")]?.includes(type) ? [] : [`is ${type}, and not ${code}`];
}

function nullFaults(code: string, { notNull }: DescribedColumn, sql: string): string[] {
  const mark = /[?!]$/.exec(code)?.[0] ?? "";
  if (notNull === true && mark === "?" && !/\b(LEFT|FULL) JOIN\b/.test(sql)) return ["is never null"];
  if (notNull === true && mark === "!") return ["is never null by the schema: no need to say so"];
  return notNull !== true && mark === "" ? ["may be null: say ? or !"] : [];
}

describe("named statements", () => {
  it("give the rows they are declared to give", async () => {
    const statements = namedStatements();
    expect(statements.length).toBeGreaterThan(70);
    const found: string[] = [];
    for (const { name, columns, sql } of statements) {
      const described = await describeStatement(open.sql, sql);
      found.push(
        ...faults(columns as Readonly<Record<string, string>>, described, sql).map(
          (fault) => `${name}: ${fault}`,
        ),
      );
    }
    expect(found).toEqual([]);
  });

  it("have names of their own", () => {
    const folder = new URL("../src/", import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".ts"),
    );
    const names = files
      .filter((path) => !path.startsWith("generated"))
      .map((path) => readFileSync(new URL(path, folder), "utf8"))
      .flatMap((text) => [...text.matchAll(/\bstatement<[^`"]*?>\(\s*"([^"]+)"/g)].map(([, name]) => name));
    expect(names.length).toBeGreaterThan(70);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  const sql = 'SELECT id, seq, title, count(*) OVER ()::int AS n, published_at AS "at" FROM papers';
  const right = { id: "int", seq: "int?", title: "text", n: "int!", at: "instant?" };
  it.each<[string, Readonly<Record<string, string>>, string[]]>([
    ["nothing, of what is right", right, []],
    ["a column of another name", { ...right, when: "instant" }, ["when: is no column"]],
    ["another type", { ...right, title: "json" }, ["title: is text, and not json"]],
    ["a null that nobody expects", { ...right, seq: "int" }, ["seq: may be null: say ? or !"]],
    ["a computed column that is not spoken for", { ...right, n: "int" }, ["n: may be null: say ? or !"]],
    ["a null that never comes", { ...right, id: "int?" }, ["id: is never null"]],
  ])("are found out: %s", async (_, declared, expected) => {
    expect(faults(declared, await describeStatement(open.sql, sql), sql)).toEqual(expected);
  });

  it("are found out when a column is forgotten", async () => {
    const { at: _, ...rest } = right;
    expect(faults(rest, await describeStatement(open.sql, sql), sql)).toEqual(["at: is not declared"]);
  });
});
