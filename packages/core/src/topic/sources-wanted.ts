import type { Query } from "./query.ts";

/**
 * The sources a query can find papers of, by their names as queries write them: those it is limited to by `source:`. Null
 * when it takes papers of any source; a source that is only left out limits nothing.
 */
export const sourcesWanted = (query: Query): ReadonlySet<string> | null =>
  limitsOf(query, (leaf) => (leaf.kind === "source" ? leaf.name : null));

/** The categories a query is limited to by `category:`, in lower case, `cs` for `cs.*`; null when it takes papers of any. */
export const categoriesWanted = (query: Query): ReadonlySet<string> | null =>
  limitsOf(query, (leaf) => (leaf.kind === "category" ? leaf.name.replace(/\.$/, "") : null));

function limitsOf(query: Query, nameOf: (leaf: Query) => string | null): ReadonlySet<string> | null {
  const name = nameOf(query);
  if (name !== null) return new Set([name]);
  if (query.kind !== "and" && query.kind !== "or") return null;
  const parts = query.of.map((part) => limitsOf(part, nameOf));
  const limited = parts.filter((part) => part !== null);
  const isLimited = query.kind === "and" ? limited.length > 0 : limited.length === parts.length;
  return isLimited ? new Set(limited.flatMap((part) => [...part])) : null;
}
