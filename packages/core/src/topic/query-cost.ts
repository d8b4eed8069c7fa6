import type { Holdings } from "./evaluate.ts";
import { expandLeaf, type Slot } from "./expand.ts";
import { printQuery } from "./print.ts";
import { type CategoryQuery, type LeafQuery, positiveLeaves, type Query, type TextQuery } from "./query.ts";

/** What one query may cost. */
export interface QueryBudget {
  /** Lexemes that its words and prefixes stand for, together. */
  readonly terms: number;
  /** Postings read, papers looked into for a phrase or a field, and papers scored for each of its words, together. */
  readonly work: number;
}

/**
 * What a stranger's query may cost. A query of common words costs some 100,000 in an index of 50,000 papers, a common phrase
 * 500,000; the work is done at some ten million a second.
 */
export const QUERY_BUDGET: QueryBudget = { terms: 20_000, work: 4_000_000 };

/** Papers whose relevance is judged; of more matches the newest are, and the others follow behind them, newest first. */
export const RANKED = 5_000;

/** A query that would cost more than it may; names the part that costs most. */
export class QueryTooBroad extends Error {
  override readonly name = "QueryTooBroad";
  /** The part to narrow, in its canonical spelling. */
  readonly part: string;
  readonly suggestion: string;

  constructor(part: LeafQuery, reason: string) {
    const written = printQuery(part);
    const isPrefix = part.kind === "text" && part.prefix;
    const suggestion = isPrefix
      ? `Write more letters before the star of ${written}, or fewer such words.`
      : `Take ${written} out, add words that narrow it, or split the query into several.`;
    super(`The query is too broad: ${reason}. ${suggestion}`);
    this.part = written;
    this.suggestion = suggestion;
  }
}

interface LeafCost {
  readonly terms: number;
  readonly work: number;
  /** The most papers it can match. */
  readonly papers: number;
}

/** Looking for one lexeme in one paper, by halving its list; one in many lexemes needs a look at all of the paper's. */
const LOOK = 8;
const LOOK_AT_ALL = 150;

type Index = Pick<Holdings, "postings" | "slots" | "vocabulary">;

/** Counts what queries would cost in an index, without evaluating them; what is counted is remembered until `forget`. */
export function queryCosts(index: Index, budget: QueryBudget = QUERY_BUDGET) {
  const known = new Map<string, LeafCost>();

  const costOf = (leaf: LeafQuery): LeafCost => {
    const key = printQuery(leaf);
    let cost = known.get(key);
    if (cost === undefined) {
      if (known.size >= 10_000) known.clear();
      cost = leafCost(index, leaf, budget);
      known.set(key, cost);
    }
    return cost;
  };

  return {
    /** @throws {QueryTooBroad} when a query would cost more than the budget. Its own cost is bounded by the budget. */
    require(query: Query): void {
      const spent = { terms: 0, work: 0 };
      const leaves = [...new Map(allLeaves(query).map((leaf) => [printQuery(leaf), leaf])).values()];
      for (const leaf of leaves) {
        const { terms, work } = costOf(leaf);
        spent.terms += terms;
        spent.work += work;
        if (spent.terms > budget.terms)
          throw tooManyTerms(costliest(leaves, leaf, costOf, "terms"), spent.terms);
        if (spent.work > budget.work) throw tooMuchWork(costliest(leaves, leaf, costOf, "work"));
      }
      const words = positiveLeaves(query).filter(({ kind }) => kind === "text");
      const scored = Math.min(RANKED, mostPapers(query, index.slots.size, costOf));
      const scoring = words.reduce(
        (sum, leaf) => sum + scored * (costOf(leaf).terms > 8 ? LOOK_AT_ALL / 8 : 1),
        0,
      );
      if (spent.work + scoring > budget.work)
        throw tooMuchWork(costliest(words, words.at(-1), costOf, "work"));
    },
    forget: (): void => known.clear(),
  };
}

function tooManyTerms(part: LeafQuery, terms: number): QueryTooBroad {
  return new QueryTooBroad(part, `it stands for more than ${terms.toLocaleString("en")} words`);
}

function tooMuchWork(part: LeafQuery): QueryTooBroad {
  return new QueryTooBroad(part, "too many papers would have to be looked at");
}

/** The costliest of the leaves that were counted, up to `last`. */
function costliest(
  leaves: readonly LeafQuery[],
  last: LeafQuery | undefined,
  costOf: (leaf: LeafQuery) => LeafCost,
  by: "terms" | "work",
): LeafQuery {
  const counted = leaves.slice(0, last === undefined ? undefined : leaves.indexOf(last) + 1);
  return counted.reduce((most, leaf) => (costOf(leaf)[by] > costOf(most)[by] ? leaf : most));
}

function allLeaves(query: Query): LeafQuery[] {
  if (query.kind === "not") return allLeaves(query.of);
  return "of" in query ? query.of.flatMap(allLeaves) : [query];
}

/** The most papers a query can match. */
function mostPapers(query: Query, all: number, costOf: (leaf: LeafQuery) => LeafCost): number {
  switch (query.kind) {
    case "not":
      return all;
    case "and":
      return Math.min(...query.of.map((part) => mostPapers(part, all, costOf)));
    case "or":
      return Math.min(
        all,
        query.of.reduce((sum, part) => sum + mostPapers(part, all, costOf), 0),
      );
    default:
      return costOf(query).papers;
  }
}

function leafCost(index: Index, leaf: LeafQuery, budget: QueryBudget): LeafCost {
  const all = index.slots.size;
  if (leaf.kind !== "text" && leaf.kind !== "category") return { terms: 0, work: all, papers: all };
  return textCost(index, leaf, budget);
}

function textCost(index: Index, leaf: TextQuery | CategoryQuery, budget: QueryBudget): LeafCost {
  const { sequences, weight } = expandLeaf(leaf);
  const cost = { terms: 0, work: 0, papers: 0 };
  for (const slots of sequences) {
    const counted = slots.map((slot) => slotCost(index, slot, budget));
    const candidates = Math.min(index.slots.size, ...counted.map(({ postings }) => postings));
    for (const { terms, postings } of counted) {
      cost.terms += terms;
      cost.work += terms + postings;
      // Words that stand together, or in one field, are looked up in every paper that has them.
      if (slots.length > 1 || weight !== null) cost.work += candidates * (terms > 8 ? LOOK_AT_ALL : LOOK);
    }
    cost.papers += candidates;
  }
  return { ...cost, papers: Math.min(cost.papers, index.slots.size) };
}

/** The lexemes of a slot and their postings; beyond the budget's terms nothing more is read. */
function slotCost({ vocabulary, postings }: Index, slot: Slot, budget: QueryBudget) {
  let terms = 0;
  let read = 0;
  for (const { lexeme, prefix } of slot) {
    const ids = prefix ? vocabulary.beginningWith(lexeme, budget.terms + 1) : [vocabulary.idOf(lexeme)];
    terms += ids.length;
    for (const id of ids) read += id === undefined ? 0 : (postings[id]?.length ?? 0);
  }
  return { terms, postings: read };
}
