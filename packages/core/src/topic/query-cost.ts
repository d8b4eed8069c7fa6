import type { Holdings } from "./evaluate.ts";
import { expandLeaf, type PhraseTerm } from "./expand.ts";
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
export const RANKED = 2_000;

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
  readonly work: number;
  /** The most papers it can match. */
  readonly papers: number;
}

/** Looking for one lexeme in one paper, by halving its list; one in many lexemes needs a look at all of the paper's. */
const LOOK = 8;
const LOOK_AT_ALL = 150;

type Index = Pick<Holdings, "postings" | "ordinals" | "vocabulary">;

/** Counts what queries would cost in an index, without evaluating them; what is counted is remembered until `forget`. */
export function queryCosts(index: Index, budget: QueryBudget = QUERY_BUDGET) {
  const known = new Map<string, LeafCost>();

  const costOf = (leaf: LeafQuery): LeafCost => {
    const key = printQuery(leaf);
    let cost = known.get(key);
    if (cost === undefined) {
      if (known.size >= 10_000) known.clear();
      cost = leafCost(index, leaf);
      known.set(key, cost);
    }
    return cost;
  };

  const workOfLeaves = (query: Query, leaves: readonly LeafQuery[], terms: readonly number[]): number[] => {
    const scored = Math.min(RANKED, mostPapers(query, index.ordinals.size, costOf));
    const words = new Set<LeafQuery>(positiveLeaves(query).filter(({ kind }) => kind === "text"));
    return leaves.map(
      (leaf, at) => costOf(leaf).work + (words.has(leaf) ? scored * lookOf(terms[at] ?? 0) : 0),
    );
  };

  return {
    /** @throws {QueryTooBroad} when a query would cost more than the budget. Counting itself costs no more than the budget. */
    require(query: Query): void {
      const leaves = distinctLeaves(query);
      const terms = leaves.map((leaf) => termsOf(index, leaf));
      if (sum(terms) > budget.terms) throw tooManyTerms(largest(leaves, terms), sum(terms), budget.terms);
      const all = workOfLeaves(query, leaves, terms);
      if (sum(all) > budget.work) throw tooMuchWork(largest(leaves, all));
    },
    /** What a query that may be asked costs: postings read, papers looked into, and papers scored for each of its words. */
    work(query: Query): number {
      const leaves = distinctLeaves(query);
      const terms = leaves.map((leaf) => termsOf(index, leaf));
      return sum(workOfLeaves(query, leaves, terms));
    },
    forget: (): void => known.clear(),
  };
}

function tooManyTerms(part: LeafQuery, terms: number, most: number): QueryTooBroad {
  const [found, allowed] = [terms.toLocaleString("en"), most.toLocaleString("en")];
  return new QueryTooBroad(part, `it stands for ${found} words, and ${allowed} are possible`);
}

function tooMuchWork(part: LeafQuery): QueryTooBroad {
  return new QueryTooBroad(part, "too many papers would have to be looked at");
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** The leaf whose number is the highest. */
function largest(leaves: readonly LeafQuery[], numbers: readonly number[]): LeafQuery {
  return leaves[numbers.indexOf(Math.max(...numbers))] as LeafQuery;
}

const distinctLeaves = (query: Query): LeafQuery[] => [
  ...new Map(allLeaves(query).map((leaf) => [printQuery(leaf), leaf])).values(),
];

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

/** How many lexemes a leaf stands for. */
function termsOf({ vocabulary }: Index, leaf: LeafQuery): number {
  if (leaf.kind !== "text" && leaf.kind !== "category") return 0;
  const tests = expandLeaf(leaf).sequences.flat(2);
  return sum(tests.map(({ lexeme, prefix }) => (prefix ? vocabulary.countBeginningWith(lexeme) : 1)));
}

/** What it takes to look for so many lexemes in one paper. */
const lookOf = (terms: number): number => (terms > 8 ? LOOK_AT_ALL : LOOK);

function leafCost(index: Index, leaf: LeafQuery): LeafCost {
  const all = index.ordinals.size;
  if (leaf.kind !== "text" && leaf.kind !== "category") return { work: all, papers: all };
  return textCost(index, leaf);
}

function textCost(index: Index, leaf: TextQuery | CategoryQuery): LeafCost {
  const { sequences, weight } = expandLeaf(leaf);
  let [work, papers] = [0, 0];
  for (const phrase of sequences) {
    const counted = phrase.map((term) => termCost(index, term));
    const candidates = Math.min(index.ordinals.size, ...counted.map(({ postings }) => postings));
    for (const { terms, postings } of counted) {
      work += terms + postings;
      // Words that stand together, or in one field, are looked up in every paper that has them.
      if (phrase.length > 1 || weight !== null) work += candidates * lookOf(terms);
    }
    papers += candidates;
  }
  return { work, papers: Math.min(papers, index.ordinals.size) };
}

/** The lexemes of a term and their postings. */
function termCost({ vocabulary, postings }: Index, term: PhraseTerm) {
  const ids = term.flatMap(({ lexeme, prefix }) => {
    return prefix ? vocabulary.beginningWith(lexeme) : (vocabulary.idOf(lexeme) ?? []);
  });
  return { terms: ids.length, postings: sum(ids.map((id) => postings[id]?.length ?? 0)) };
}
