import { printQuery } from "./print.ts";
import { group, type LeafQuery, type Query } from "./query.ts";

/** A condition beside the words of a query: what pages show as a filter that can be taken off. */
export type FilterQuery = Exclude<LeafQuery, { kind: "text" }>;

const isFilter = (query: Query): query is FilterQuery => !("of" in query) && query.kind !== "text";

/** The conditions that all papers of a query meet, in the order they are written; others are no filters, for they stand in an alternative. */
export function filtersOf(query: Query): FilterQuery[] {
  if (isFilter(query)) return [query];
  return query.kind === "and" ? query.of.filter(isFilter) : [];
}

/** A query with one condition more; one of the same kind is replaced when a paper can meet only one of them. */
export function withFilter(query: Query, filter: FilterQuery): Query {
  const rivals = filtersOf(query).filter((each) => isRival(each, filter));
  const rest = rivals.reduce<Query | null>((left, rival) => left && withoutFilter(left, rival), query);
  return rest === null ? filter : group("and", [rest, filter]);
}

function isRival(one: FilterQuery, other: FilterQuery): boolean {
  if (one.kind === "date" && other.kind === "date") return one.side === other.side;
  return printQuery(one) === printQuery(other);
}

/** A query without a condition; null when nothing is left that finds papers. */
export function withoutFilter(query: Query, filter: FilterQuery): Query | null {
  const printed = printQuery(filter);
  if (query.kind !== "and") return printQuery(query) === printed ? null : query;
  const left = query.of.filter((part) => !isFilter(part) || printQuery(part) !== printed);
  return left.some((part) => part.kind !== "not") ? group("and", left) : null;
}
