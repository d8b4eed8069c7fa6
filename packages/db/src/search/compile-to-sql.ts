import {
  type CategoryQuery,
  expandLeaf,
  type NumberQuery,
  type PhraseTerm,
  type Query,
  type TextQuery,
} from "@paperboy/core";
import { quoteLexeme } from "./paper-terms.ts";

/** A query as a condition on the table `papers`, to be put into a statement together with its parameters. */
export interface CompiledSearch {
  /** A boolean expression, true or false and never null for a paper whose `terms` are stored. */
  readonly where: string;
  /** Values of `$firstParam` and those after it. */
  readonly params: readonly unknown[];
}

/** Weights by number: keywords, authors, abstract, title. */
const LETTERS = ["D", "C", "B", "A"] as const;

/** Compiles a query of the topic language to SQL; the text of the query only ever travels in parameters. */
export function compileToSql(query: Query, firstParam = 1): CompiledSearch {
  const params: unknown[] = [];
  const param = (value: unknown, type: string) => `$${firstParam - 1 + params.push(value)}::${type}`;
  return { where: condition(query, param), params };
}

type Param = (value: unknown, type: string) => string;

function condition(query: Query, param: Param): string {
  if (isText(query)) return `terms @@ ${param(tsquery(query), "tsquery")}`;
  switch (query.kind) {
    case "not":
      return `NOT (${condition(query.of, param)})`;
    case "and":
    case "or": {
      // Words side by side go to the index as one tsquery.
      const words = query.of.filter(isText);
      const text = words.length === 0 ? [] : [condition({ kind: query.kind, of: words }, param)];
      const others = query.of.filter((part) => !isText(part)).map((part) => condition(part, param));
      return `(${[...text, ...others].join(query.kind === "and" ? " AND " : " OR ")})`;
    }
    case "source":
      return `EXISTS (SELECT FROM unnest(sources) AS name WHERE lower(name COLLATE "C") = ${param(query.name, "text")})`;
    case "has":
      return "code_url IS NOT NULL";
    case "number":
      return known(query.field, `${comparison(query)} ${param(query.value, "int")}`);
    case "date":
      return known(
        "coalesce(published_at, announced_at)",
        `${query.side === "after" ? ">=" : "<"} ${param(`${query.date}T00:00:00Z`, "timestamptz")}`,
      );
  }
}

/** A comparison that is false, not null, when the value is unknown, so that its negation is true. */
const known = (value: string, compared: string) => `(${value} IS NOT NULL AND ${value} ${compared})`;

function comparison({ comparison: operator }: NumberQuery): NumberQuery["comparison"] {
  switch (operator) {
    case ">=":
    case ">":
    case "<=":
    case "<":
    case "=":
      return operator;
  }
}

type TextTree =
  | TextQuery
  | CategoryQuery
  | { readonly kind: "not"; readonly of: TextTree }
  | { readonly kind: "and" | "or"; readonly of: readonly TextTree[] };

function isText(query: Query): query is TextTree & Query {
  if (query.kind === "not") return isText(query.of);
  if (query.kind === "and" || query.kind === "or") return query.of.every(isText);
  return query.kind === "text" || query.kind === "category";
}

function tsquery(query: TextTree): string {
  switch (query.kind) {
    case "and":
    case "or":
      return `(${query.of.map(tsquery).join(query.kind === "and" ? " & " : " | ")})`;
    case "not":
      return `!(${tsquery(query.of)})`;
    default:
      return leafTsquery(query);
  }
}

function leafTsquery(leaf: TextQuery | CategoryQuery): string {
  const { sequences, weight } = expandLeaf(leaf);
  const letter = weight === null ? "" : (LETTERS[weight] ?? "");
  const phrases = sequences.map((terms) => terms.map((term) => termTsquery(term, letter)).join(" <-> "));
  return phrases.length === 1 ? `(${phrases[0]})` : `(${phrases.map((phrase) => `(${phrase})`).join(" | ")})`;
}

function termTsquery(term: PhraseTerm, letter: string): string {
  const tests = term.map(({ lexeme, prefix }) => {
    const flags = `${prefix ? "*" : ""}${letter}`;
    return `${quoteLexeme(lexeme)}${flags === "" ? "" : `:${flags}`}`;
  });
  return tests.length === 1 ? (tests[0] ?? "") : `(${tests.join(" | ")})`;
}
