/** The parts of a paper that words can be looked for in; a query without a field looks in all of them. */
export type TextField = "title" | "abstract" | "author" | "keyword";
export type NumberField = "upvotes" | "stars" | "comments";
export type Comparison = ">=" | ">" | "<=" | "<" | "=";

/** A word, a compound (`gpt-4`), a prefix (`gate*`), a quoted phrase, or one with a prefix at its end (`"linear att*"`). */
export interface TextQuery {
  readonly kind: "text";
  readonly field: TextField | null;
  /** As it is written canonically, without field, quotes and star: `gate`, `gpt-4`, `linear attention`. */
  readonly text: string;
  /** The folded words of `text`, in order; never empty. */
  readonly words: readonly string[];
  /**
   * Quoted words stand next to each other, and a quoted word alone stands in no other form (`"organ"`, not organization); a
   * bare compound may also be joined (`multimodal`).
   */
  readonly quoted: boolean;
  /** Whether the last word only begins so. */
  readonly prefix: boolean;
}

/** `category:cs.CL`, or every category below with `category:cs.*`; names are in lower case. */
export interface CategoryQuery {
  readonly kind: "category";
  readonly name: string;
  readonly prefix: boolean;
}

export interface SourceQuery {
  readonly kind: "source";
  readonly name: string;
}

/** `upvotes>=10`; false for a paper whose number no source tells. */
export interface NumberQuery {
  readonly kind: "number";
  readonly field: NumberField;
  readonly comparison: Comparison;
  readonly value: number;
}

export interface HasQuery {
  readonly kind: "has";
  readonly what: "code";
}

/** Published (or else announced) on or after, or before, the UTC midnight that begins an ISO 8601 date. */
export interface DateQuery {
  readonly kind: "date";
  readonly side: "after" | "before";
  readonly date: string;
}

export interface NotQuery {
  readonly kind: "not";
  readonly of: Query;
}

/** Two operands or more, none of which is of the same kind. */
export interface GroupQuery {
  readonly kind: "and" | "or";
  readonly of: readonly Query[];
}

export type LeafQuery = TextQuery | CategoryQuery | SourceQuery | NumberQuery | HasQuery | DateQuery;

/** A parsed query of the topic language. */
export type Query = LeafQuery | NotQuery | GroupQuery;

/** What a query may be at most: characters as written, words and conditions, and levels of parentheses. */
export const QUERY_LIMITS = { length: 1_000, terms: 64, depth: 10 } as const;

/** Joins operands, flattening groups of the same kind; a single operand stands for itself. */
export function group(kind: "and" | "or", operands: readonly Query[]): Query {
  const [only] = operands;
  if (only !== undefined && operands.length === 1) return only;
  return { kind, of: operands.flatMap((operand) => (operand.kind === kind ? operand.of : [operand])) };
}

/** Negates a query; two negations cancel out. */
export const negate = (query: Query): Query => (query.kind === "not" ? query.of : { kind: "not", of: query });

/** The leaves that can bring a paper in, in the order they are written; those under a negation are left out. */
export function positiveLeaves(query: Query): LeafQuery[] {
  if (query.kind === "not") return [];
  return "of" in query ? query.of.flatMap(positiveLeaves) : [query];
}

/** Whether a query says what to find: one that only excludes would match nearly everything. */
export function findsSomething(query: Query): boolean {
  if (query.kind === "and") return query.of.some(findsSomething);
  if (query.kind === "or") return query.of.every(findsSomething);
  return query.kind !== "not";
}
