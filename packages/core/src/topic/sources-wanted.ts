import type { Query } from "./query.ts";

/**
 * The sources a query can find papers of, by their names as queries write them: those it is limited to by `source:`. Null
 * when it takes papers of any source; a source that is only left out limits nothing.
 */
export function sourcesWanted(query: Query): ReadonlySet<string> | null {
  if (query.kind === "source") return new Set([query.name]);
  if (query.kind !== "and" && query.kind !== "or") return null;
  const parts = query.of.map(sourcesWanted);
  const limited = parts.filter((part) => part !== null);
  const isLimited = query.kind === "and" ? limited.length > 0 : limited.length === parts.length;
  return isLimited ? new Set(limited.flatMap((part) => [...part])) : null;
}
