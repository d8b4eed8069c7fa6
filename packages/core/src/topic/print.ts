import type { LeafQuery, Query } from "./query.ts";

/**
 * Writes a query in its canonical form: lower case, negation as `-`, parentheses only where they are needed.
 * Parsing what was printed gives the same query, so equal texts mean equal queries.
 */
export function printQuery(query: Query): string {
  switch (query.kind) {
    case "or":
      return query.of.map(printQuery).join(" OR ");
    case "and":
      return query.of
        .map((part) => (part.kind === "or" ? `(${printQuery(part)})` : printQuery(part)))
        .join(" ");
    case "not":
      return query.of.kind === "and" || query.of.kind === "or"
        ? `-(${printQuery(query.of)})`
        : `-${printQuery(query.of)}`;
    default:
      return printLeaf(query);
  }
}

function printLeaf(leaf: LeafQuery): string {
  switch (leaf.kind) {
    case "text": {
      const text = `${leaf.text}${leaf.prefix ? "*" : ""}`;
      return `${leaf.field === null ? "" : `${leaf.field}:`}${leaf.quoted ? `"${text}"` : text}`;
    }
    case "category":
      return `category:${printName(`${leaf.name}${leaf.prefix ? "*" : ""}`)}`;
    case "source":
      return `source:${printName(leaf.name)}`;
    case "number":
      return `${leaf.field}${leaf.comparison}${leaf.value}`;
    case "has":
      return `has:${leaf.what}`;
    case "date":
      return `${leaf.side}:${leaf.date}`;
  }
}

const printName = (name: string) => (/[\s()]/.test(name) ? `"${name}"` : name);
