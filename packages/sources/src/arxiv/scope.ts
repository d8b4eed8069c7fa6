import type { SourceSettings } from "../readers/settings.ts";

/** What of arXiv a source is about. */
export interface ArxivScope {
  /** Archives (`cs`) and categories (`cs.CL`) by name; one name for a search that is about something else. */
  readonly categories: readonly string[];
  /** A search in the API's language that only the API can answer; null for whole categories. */
  readonly search: string | null;
}

const SEARCH_OF_CATEGORIES =
  /^\(?\s*cat:[a-z-]+(?:\.[A-Za-z*-]+)?(?:\s+OR\s+cat:[a-z-]+(?:\.[A-Za-z*-]+)?)*\s*\)?$/;
const EVERYTHING = "all of arXiv";

/** What a source is about, by its settings; null for a source that does not read arXiv. */
export function scopeOf({ kind, query = "", set }: SourceSettings): ArxivScope | null {
  if (kind === "arxiv-rss") return { categories: query.split("+"), search: null };
  if (kind === "arxiv-oai")
    return { categories: [set === undefined ? EVERYTHING : categoryOf(set)], search: null };
  if (kind !== "arxiv-api") return null;
  if (!SEARCH_OF_CATEGORIES.test(query)) return { categories: [query], search: query };
  const names = query.split(/\sOR\s/).map((part) => part.replace(/[()\s]|cat:/g, ""));
  return { categories: names.map((name) => name.replace(/\.\*$/, "")), search: null };
}

/** `cs:cs:CL` is `cs.CL`, `physics:hep-th` is `hep-th`, `cs` and `cs:cs` are `cs`. */
function categoryOf(set: string): string {
  const [group = "", archive = group, subject] = set.split(":");
  return subject === undefined ? archive : `${archive}.${subject}`;
}

/** Archives that OAI-PMH has in its group of physics; all others are groups of their own. */
const PHYSICS = new Set(
  "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics quant-ph".split(
    " ",
  ),
);

/** The OAI-PMH set of a category: `cs.CL` is `cs:cs:CL`, `hep-th` is `physics:hep-th`; none for everything. */
export function setOf(category: string): string | undefined {
  if (category === EVERYTHING) return undefined;
  const [archive = "", subject] = category.split(".");
  const group = PHYSICS.has(archive) ? "physics" : archive;
  if (subject !== undefined) return `${group}:${archive}:${subject}`;
  return group === archive ? group : `${group}:${archive}`;
}

/** What the API is asked for to list whole categories. */
export const searchOf = ({ categories, search }: ArxivScope): string =>
  search ??
  categories
    .map((name) => `cat:${name.includes(".") || PHYSICS.has(name) ? name : `${name}.*`}`)
    .join(" OR ");

/** Those of a scope's categories that a paper of these categories belongs to; all when it names none or the scope is a search. */
export function categoriesIn(
  { categories, search }: ArxivScope,
  of: readonly string[] | undefined,
): string[] {
  if (search !== null || categories.includes(EVERYTHING) || of === undefined || of.length === 0)
    return [...categories];
  const mine = of.map((name) => name.toLowerCase());
  return categories.filter((category) => {
    const name = category.toLowerCase();
    return mine.some((each) => each === name || each.startsWith(`${name}.`));
  });
}
