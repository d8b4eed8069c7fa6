import type { Paper } from "../paper.ts";
import { createAnswer, type QueryAnswer } from "./answer.ts";
import { clearBit, countBits, emptyBitmap, hasBit, ordinalsOf, setBit } from "./bitmap.ts";
import { evaluator } from "./evaluate.ts";
import { matchedWords, textLeaves } from "./highlight.ts";
import { type IndexedPaper, indexPaper, packedBytes } from "./indexed-paper.ts";
import { matchMany } from "./match-many.ts";
import { replaceFacts, requireSeq, textBytes } from "./paper-facts.ts";
import type { CategoryQuery, Query, TextQuery } from "./query.ts";
import { type QueryBudget, queryCosts, RANKED } from "./query-cost.ts";
import type { QuerySet } from "./query-set.ts";
import { resolve, resolveScored } from "./resolve.ts";
import { relevance } from "./score.ts";
import { createSharedMatches, type SharedMatches } from "./shared-matches.ts";
import { createVocabulary } from "./vocabulary.ts";

/** A paper that a query found. */
export interface Match {
  readonly paperId: number;
  readonly seq: number;
  /** See {@link relevance}; 0 when the query has no words, and for those beyond {@link RANKED}. */
  readonly score: number;
}

export interface MatchOptions {
  /** The most matches to give, best first. */
  readonly limit?: number;
  /** Only papers announced after this seq. */
  readonly afterSeq?: number;
}

export interface IndexOptions {
  /** What breaks ties of relevance, higher first; upvotes when not given. */
  readonly trending?: (paper: Paper) => number;
  /** What `requireAffordable` allows; {@link QUERY_BUDGET} when not given. */
  readonly budget?: QueryBudget;
}

/** The announced papers, in memory, ready to be asked by any number of queries. */
export interface PaperIndex {
  readonly size: number;
  /** The highest seq ever added; 0 at first. */
  readonly highestSeq: number;
  /** Roughly what the index holds, in bytes, the papers' texts included. */
  readonly bytes: number;
  /** Adds announced papers; one that is there already is replaced. Throws a RangeError for a paper without `seq`. */
  add(papers: Iterable<Paper>): void;
  /** Does now what the first prefix after a change would wait for: with a large vocabulary that is some tenths of a second. */
  prepare(): void;
  /** Takes papers out by id; unknown ids are ignored. */
  remove(ids: Iterable<number>): void;
  paper(id: number): Paper | undefined;
  /** Ids of all papers announced at or before a seq: what a window lets go. */
  idsUpTo(seq: number): number[];
  /**
   * Papers a query matches, best first: by relevance, then trending, then newest. Of more than {@link RANKED} matches the
   * newest are judged, and the others follow behind them, newest first.
   */
  match(query: Query, options?: MatchOptions): Match[];
  /** Ids of the papers a query matches, newest first. */
  matchIds(query: Query, options?: MatchOptions): number[];
  count(query: Query, options?: MatchOptions): number;
  /**
   * Counts what a query would cost to evaluate, by the lexemes and postings of this index.
   * @throws {QueryTooBroad} when that is more than {@link QUERY_BUDGET}.
   */
  requireAffordable(query: Query): void;
  /** What a query would cost, in the units of {@link QUERY_BUDGET}'s `work`. */
  workOf(query: Query): number;
  /** Everything a query matches now, and how well. */
  answer(query: Query): QueryAnswer;
  /** Evaluates many queries at once, shared parts once; papers of a query come in the order of their seq. */
  matchMany(queries: QuerySet, visit: (query: number, paperId: number) => void, options?: MatchOptions): void;
  /**
   * What many topics match of the papers as they are now, found together and shared by all who ask; of those that may be
   * mailed as new, unless `chosen` says otherwise. The index must not change while it is in use.
   *
   * @param parse reads a query; null for one that is none.
   */
  sharedMatches(parse: (query: string) => Query | null, chosen?: (paper: Paper) => boolean): SharedMatches;
  /** The words of a paper that a query matched, as they stand, most telling first; see {@link matchedWords}. */
  matchedWords(query: Query, paperId: number): string[];
}

/** Makes an empty index. Papers join and leave it one by one; nothing is ever rebuilt. */
export function createPaperIndex({
  trending = (paper) => paper.upvotes ?? 0,
  budget,
}: IndexOptions = {}): PaperIndex {
  const vocabulary = createVocabulary();
  const docs: (IndexedPaper | undefined)[] = [];
  const postings: number[][] = [];
  const ordinals = new Map<number, number>();
  const free: number[] = [];
  const evaluate = evaluator({ docs, postings, ordinals, vocabulary });
  const costs = queryCosts({ postings, ordinals, vocabulary }, budget);
  const totals = { highestSeq: 0, bytes: 0 };

  function insert(paper: Paper, seq: number): void {
    const ordinal = free.pop() ?? docs.length;
    const doc = indexPaper(paper, seq, vocabulary);
    docs[ordinal] = doc;
    ordinals.set(paper.id, ordinal);
    for (const id of doc.ids) {
      const posting = postings[id];
      if (posting === undefined) postings[id] = [ordinal];
      else posting.push(ordinal);
    }
    totals.bytes += packedBytes(doc) + textBytes(paper) + doc.ids.length * 8;
  }

  /** Takes papers out together, so that each posting list is rewritten once. */
  function drop(ids: Iterable<number>): void {
    const gone = emptyBitmap(docs.length);
    const touched = new Set<number>();
    for (const paperId of ids) {
      const ordinal = ordinals.get(paperId);
      const doc = ordinal === undefined ? undefined : docs[ordinal];
      if (ordinal === undefined || doc === undefined) continue;
      setBit(gone, ordinal);
      for (const id of doc.ids) touched.add(id);
      ordinals.delete(paperId);
      docs[ordinal] = undefined;
      free.push(ordinal);
      totals.bytes -= packedBytes(doc) + textBytes(doc.paper) + doc.ids.length * 8;
    }
    for (const id of touched) {
      const left = (postings[id] ?? []).filter((ordinal) => !hasBit(gone, ordinal));
      postings[id] = left;
      if (left.length === 0) vocabulary.release(id);
    }
  }

  function matching(query: Query, afterSeq = 0) {
    const bits = evaluate.query(query).slice();
    if (afterSeq > 0) {
      for (const ordinal of ordinalsOf(bits))
        if ((docs[ordinal]?.seq ?? 0) <= afterSeq) clearBit(bits, ordinal);
    }
    return bits;
  }

  const found = (query: Query, afterSeq?: number): IndexedPaper[] =>
    ordinalsOf(matching(query, afterSeq)).flatMap((ordinal) => docs[ordinal] ?? []);

  const scored = (leaf: TextQuery) => resolveScored(leaf, vocabulary);
  const vocabularyNow = () => ({
    capacity: vocabulary.capacity,
    resolve: (leaf: TextQuery | CategoryQuery) => resolve(leaf, vocabulary),
  });
  const inOrder = () =>
    docs.filter((doc): doc is IndexedPaper => doc !== undefined).sort((a, b) => a.seq - b.seq);

  return {
    get size() {
      return ordinals.size;
    },
    get highestSeq() {
      return totals.highestSeq;
    },
    get bytes() {
      return totals.bytes + vocabulary.bytes();
    },
    add(papers) {
      const changed = [...new Map(Array.from(papers, (paper) => [paper.id, paper])).values()];
      for (const paper of changed) requireSeq(paper);
      const moved = changed.filter((paper) => !replaceFacts(docs, ordinals.get(paper.id), paper));
      drop(moved.map(({ id }) => id));
      for (const paper of moved) insert(paper, requireSeq(paper));
      for (const paper of changed) totals.highestSeq = Math.max(totals.highestSeq, requireSeq(paper));
      evaluate.forget();
      costs.forget();
    },
    prepare: vocabulary.sort,
    remove(ids) {
      drop(ids);
      evaluate.forget();
      costs.forget();
    },
    paper: (id) => docs[ordinals.get(id) ?? -1]?.paper,
    idsUpTo: (seq) => docs.flatMap((doc) => (doc !== undefined && doc.seq <= seq ? [doc.paper.id] : [])),
    requireAffordable: costs.require,
    workOf: costs.work,
    answer: (query) => createAnswer(found(query), textLeaves(query).map(scored)),
    match(query, { afterSeq, limit } = {}) {
      const leaves = textLeaves(query).map(scored);
      const newest = found(query, afterSeq).sort((a, b) => b.seq - a.seq);
      const ranked = newest.slice(0, RANKED).map((doc) => ({
        doc,
        score: relevance(doc, leaves),
        trend: trending(doc.paper),
      }));
      ranked.sort((a, b) => b.score - a.score || b.trend - a.trend || b.doc.seq - a.doc.seq);
      const matches = ranked.map(({ doc, score }) => ({ paperId: doc.paper.id, seq: doc.seq, score }));
      const others = newest.slice(RANKED).map((doc) => ({ paperId: doc.paper.id, seq: doc.seq, score: 0 }));
      return [...matches, ...others].slice(0, limit);
    },
    matchIds: (query, { afterSeq } = {}) =>
      found(query, afterSeq)
        .sort((a, b) => b.seq - a.seq)
        .map(({ paper }) => paper.id),
    count: (query, { afterSeq } = {}) => countBits(matching(query, afterSeq)),
    matchMany(queries, visit, { afterSeq = 0 } = {}) {
      const chosen = inOrder().filter(({ seq }) => seq > afterSeq);
      const ids = Int32Array.from(chosen, ({ paper }) => paper.id);
      const steps = matchMany(chosen, queries, vocabularyNow(), (query, place) =>
        visit(query, ids[place] as number),
      );
      while (!steps.next().done);
    },
    sharedMatches(parse, chosen = ({ mailable }) => mailable !== false) {
      return createSharedMatches({
        docs: inOrder().filter(({ paper }) => chosen(paper)),
        vocabulary: vocabularyNow(),
        scored,
        trending,
        parse,
      });
    },
    matchedWords(query, paperId) {
      const paper = docs[ordinals.get(paperId) ?? -1]?.paper;
      return paper === undefined ? [] : matchedWords(query, paper);
    },
  };
}
