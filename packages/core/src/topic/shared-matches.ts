import type { FrozenPaper } from "../digest.ts";
import type { Paper } from "../paper.ts";
import { chooseWords, textLeaves } from "./highlight.ts";
import type { IndexedPaper } from "./indexed-paper.ts";
import { createLeafQuotes } from "./leaf-quotes.ts";
import { matchMany } from "./match-many.ts";
import type { CategoryQuery, Query, TextQuery } from "./query.ts";
import { createQuerySet } from "./query-set.ts";
import { createRanking, type Ranking } from "./ranking.ts";
import type { ResolvedText, ScoredLeaf } from "./resolve.ts";
import { relevance } from "./score.ts";

/** What one topic matches, as far back as it was asked for. Ranks and words are found when they are needed, and once. */
export interface QueryMatches {
  /** How many of its papers were announced after a seq. */
  countAfter(seq: number): number;
  /** Those announced after a seq, the best first: by relevance, then trending, then newest. */
  bestAfter(seq: number): RankedPapers;
  /** Those announced up to a seq, the best first, as far back as is known. */
  bestUpTo(seq: number): RankedPapers;
  /** Ids of those announced after a seq, the oldest first. */
  oldestAfter(seq: number): Iterable<number>;
  has(paperId: number): boolean;
  /** A paper with the words of it that matched; the same for all who ask, since each of a morning's editions holds many. */
  explain(paperId: number): FrozenPaper;
}

/** The id of the paper of a rank, counting from 0; undefined behind the last. */
export type RankedPapers = (rank: number) => number | undefined;

/** What many topics match of one set of papers. */
export interface SharedMatches {
  /**
   * Finds what topics match, each of the papers announced after a seq of its own, equal parts of them once. What was
   * found before is not looked for again. Stops now and then, so that its caller can let others have the thread.
   */
  find(needs: ReadonlyMap<string, number>): Generator<void, ReadonlyMap<string, QueryMatches>>;
  /** The seq of a paper of the set; undefined for others. */
  seqOf(paperId: number): number | undefined;
}

export interface SharedMatchesInput {
  /** Ascending by seq. */
  readonly docs: readonly IndexedPaper[];
  readonly vocabulary: {
    readonly capacity: number;
    resolve(leaf: TextQuery | CategoryQuery): ResolvedText;
  };
  readonly scored: (leaf: TextQuery) => ScoredLeaf;
  readonly trending: (paper: Paper) => number;
  /** Reads a query; null for one that is none, which then matches nothing. */
  readonly parse: (query: string) => Query | null;
}

/** Numbers that are kept between calls of `find`, some ten bytes each. */
const MAX_KEPT = 8_000_000;
/** Nodes of the queries that are matched together. */
const MAX_NODES = 8_192;
/** How many of the newest papers a topic is matched against at first, then twice as many, and so on. */
const SMALLEST_REACH = 512;

export function createSharedMatches(input: SharedMatchesInput): SharedMatches {
  const { docs } = input;
  const seqs = Int32Array.from(docs, ({ seq }) => seq);
  const places = new Map(docs.map(({ paper }, place) => [paper.id, place]));
  const known = new Map<string, KnownQuery>();
  const shared = { ...input, seqs, places, quotes: createLeafQuotes(), kept: 0 };

  /** Topics are wanted from many seqs; they are matched in few groups. */
  const reachOf = (afterSeq: number): number => {
    const wanted = docs.length - firstAfter(seqs, afterSeq);
    let reach = SMALLEST_REACH;
    while (reach < wanted) reach *= 2;
    return Math.max(0, docs.length - reach);
  };

  function* matchGroup(
    from: number,
    texts: readonly string[],
    into: Map<string, KnownQuery>,
  ): Generator<void> {
    for (let at = 0; at < texts.length; ) {
      const set = createQuerySet();
      const group: KnownQuery[] = [];
      for (; at < texts.length && set.nodeCount < MAX_NODES; at++) {
        const query = input.parse(texts[at] as string);
        const entry = createKnownQuery(shared, query, from);
        into.set(texts[at] as string, entry);
        if (query !== null) group[set.add(query)] = entry;
        if (at % 8 === 0) yield;
      }
      const found: number[][] = group.map(() => []);
      yield* matchMany(docs.slice(from), set, input.vocabulary, (query, place) =>
        found[query]?.push(from + place),
      );
      for (const [query, entry] of group.entries()) {
        entry.fill(Int32Array.from(found[query] ?? []));
        if (query % 64 === 0) yield;
      }
    }
  }

  return {
    *find(needs) {
      if (shared.kept > MAX_KEPT) {
        known.clear();
        shared.quotes = createLeafQuotes();
        shared.kept = 0;
      }
      const answers = new Map<string, KnownQuery>();
      const groups = new Map<number, string[]>();
      for (const [text, afterSeq] of needs) {
        const before = known.get(text);
        if (before !== undefined && before.from <= firstAfter(seqs, afterSeq)) answers.set(text, before);
        else pushTo(groups, reachOf(afterSeq), text);
      }
      for (const [from, texts] of groups) {
        yield* matchGroup(from, texts, answers);
        for (const text of texts) known.set(text, answers.get(text) as KnownQuery);
      }
      return new Map(Array.from(answers, ([text, { matches }]) => [text, matches]));
    },
    seqOf: (paperId) => docs[places.get(paperId) ?? -1]?.seq,
  };
}

function pushTo(groups: Map<number, string[]>, key: number, text: string): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [text]);
  else group.push(text);
}

interface Shared extends SharedMatchesInput {
  readonly seqs: Int32Array;
  /** Places in `docs`, by paper id. */
  readonly places: ReadonlyMap<number, number>;
  quotes: ReturnType<typeof createLeafQuotes>;
  /** Numbers that are held for all queries together. */
  kept: number;
}

interface KnownQuery {
  /** The oldest place it was matched at. */
  readonly from: number;
  fill(found: Int32Array): void;
  readonly matches: QueryMatches;
}

function createKnownQuery(shared: Shared, query: Query | null, from: number): KnownQuery {
  const { docs, seqs, places, quotes } = shared;
  const leaves = query === null ? [] : textLeaves(query);
  /** Places in `docs`, ascending, and so ascending by seq. */
  let found: Int32Array = new Int32Array();
  let rankings = new Map<string, RankedPapers>();
  const papers = new Map<number, FrozenPaper>();

  const ranked = (key: string, first: number, end: number): RankedPapers => {
    let known = rankings.get(key);
    if (known === undefined) {
      const ranking = rank(shared, leaves, found.subarray(first, end));
      known = (n) => {
        const item = ranking.at(n);
        return item === undefined ? undefined : idAt(found[first + item]);
      };
      rankings.set(key, known);
      shared.kept += 5 * ranking.size;
    }
    return known;
  };
  const placeAfter = (seq: number): number => firstAtLeast(found, firstAfter(seqs, seq));
  const idAt = (place: number | undefined): number => docs[place as number]?.paper.id as number;

  return {
    from,
    fill(places) {
      found = places;
      rankings = new Map();
      shared.kept += places.length;
    },
    matches: {
      countAfter: (seq) => found.length - placeAfter(seq),
      bestAfter(seq) {
        const first = placeAfter(seq);
        return ranked(`after ${first}`, first, found.length);
      },
      bestUpTo(seq) {
        const end = placeAfter(seq);
        return ranked(`up to ${end}`, 0, end);
      },
      *oldestAfter(seq) {
        for (let at = placeAfter(seq); at < found.length; at++) yield idAt(found[at]);
      },
      has(paperId) {
        const place = places.get(paperId);
        return place !== undefined && found[firstAtLeast(found, place)] === place;
      },
      explain(paperId) {
        let explained = papers.get(paperId);
        if (explained === undefined) {
          const paper = docs[places.get(paperId) ?? -1]?.paper;
          const words = paper === undefined ? [] : leaves.map((leaf) => quotes.of(leaf, paper));
          explained = { id: paperId, matched: chooseWords(words), reason: null };
          papers.set(paperId, explained);
          shared.kept += 20;
        }
        return explained;
      },
    },
  };
}

/** Ranks places by what their papers say: relevance, then trending, then newest. */
function rank({ docs, scored, trending }: Shared, leaves: readonly TextQuery[], found: Int32Array): Ranking {
  const known = leaves.map(scored);
  const scores = new Float64Array(found.length);
  const trends = new Float64Array(found.length);
  for (let at = 0; at < found.length; at++) {
    const doc = docs[found[at] as number] as IndexedPaper;
    scores[at] = relevance(doc, known);
    trends[at] = trending(doc.paper);
  }
  return createRanking(found.length, (a, b) => {
    const difference =
      (scores[a] as number) - (scores[b] as number) || (trends[a] as number) - (trends[b] as number);
    return difference === 0 ? a > b : difference > 0;
  });
}

/** The first place announced after a seq. */
const firstAfter = (seqs: Int32Array, seq: number): number => firstAtLeast(seqs, seq + 1);

/** Where the first number of an ascending list stands that is not below another. */
function firstAtLeast(ascending: Int32Array, least: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
