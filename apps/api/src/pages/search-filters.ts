import {
  DAY_MS,
  type FilterQuery,
  filtersOf,
  printQuery,
  type Query,
  withFilter,
  withoutFilter,
} from "@paperboy/core";
import type { SearchFacets } from "../ports.ts";

// A filter is a part of the query, so that the box, the feed, the mail and the API say the same.

export interface FilterLink {
  readonly label: string;
  readonly url: string;
  /** How many of the papers found have it, when that is known. */
  readonly count?: number;
}

export interface FilterGroup {
  readonly name: string;
  readonly links: readonly FilterLink[];
}

type LinkTo = (query: string) => string;

/** The filters a query has, each with a link to the query without it. */
export function activeFilters(query: Query, linkTo: LinkTo): FilterLink[] {
  return filtersOf(query).map((filter) => {
    const left = withoutFilter(query, filter);
    return { label: labelOf(filter), url: linkTo(left === null ? "" : printQuery(left)) };
  });
}

function labelOf(filter: FilterQuery): string {
  switch (filter.kind) {
    case "has":
      return "has code";
    case "category":
      return `category ${categoryName(filter.name)}${filter.prefix ? "*" : ""}`;
    case "source":
      return `source ${filter.name}`;
    case "date":
      return filter.side === "after" ? `since ${filter.date}` : `before ${filter.date}`;
    default:
      return printQuery(filter);
  }
}

/** `cs.CL` as arXiv writes it; queries keep names in lower case. */
const categoryName = (name: string): string =>
  name.replace(/^([a-z-]+\.)([a-z]{2})$/, (_, archive: string, part: string) => archive + part.toUpperCase());

/** What a query can be narrowed to, each a link to the narrower query; without what it has already. */
export function proposedFilters(
  query: Query,
  facets: SearchFacets | null,
  now: Date,
  linkTo: LinkTo,
): FilterGroup[] {
  const has = new Set(filtersOf(query).map(printQuery));
  const link = (filter: FilterQuery, label: string, count?: number): FilterLink[] =>
    has.has(printQuery(filter))
      ? []
      : [
          {
            label,
            url: linkTo(printQuery(withFilter(query, filter))),
            ...(count !== undefined && { count }),
          },
        ];
  const { categories = [], sources = [], withCode = 0 } = facets ?? {};
  const groups = [
    {
      name: "Category",
      links: categories.flatMap(({ name, count }) =>
        link({ kind: "category", name: name.toLowerCase(), prefix: false }, name, count),
      ),
    },
    { name: "Date", links: SPANS.flatMap(({ label, days }) => link(sinceDays(now, days), label)) },
    {
      name: "Code",
      links: withCode > 0 ? link({ kind: "has", what: "code" }, "has code", withCode) : [],
    },
    {
      name: "Source",
      links: sources.flatMap(({ name, count }) =>
        link({ kind: "source", name: name.toLowerCase() }, name, count),
      ),
    },
  ];
  return groups.filter(({ links }) => links.length > 0);
}

const SPANS = [
  { label: "past week", days: 7 },
  { label: "past month", days: 30 },
  { label: "past year", days: 365 },
] as const;

const sinceDays = (now: Date, days: number): FilterQuery => ({
  kind: "date",
  side: "after",
  date: new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10),
});

/** The query of one bare word as a prefix; null for any other. */
export function starOf(query: Query): Query | null {
  if (query.kind !== "text" || query.prefix || query.quoted) return null;
  const [word = "", ...others] = query.words;
  return others.length > 0 || !/^\p{L}{3,}$/u.test(word) ? null : { ...query, prefix: true };
}

/** The query as a topic, which knows no dates: it brings the papers to come. */
export function topicOf(query: Query): string {
  const dates = filtersOf(query).filter(({ kind }) => kind === "date");
  const topic = dates.reduce<Query | null>((left, date) => left && withoutFilter(left, date), query);
  return topic === null ? "" : printQuery(topic);
}
