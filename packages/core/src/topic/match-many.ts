import { lowestBit } from "./bitmap.ts";
import { type IndexedPaper, occurrences, type ResolvedTerm } from "./indexed-paper.ts";
import type { CategoryQuery, LeafQuery, TextQuery } from "./query.ts";
import { OPERATION, type QuerySet } from "./query-set.ts";
import { meets, type ResolvedText } from "./resolve.ts";

/** Told of every match: the query's number in its set, and the paper's place among those given. */
export type Visit = (query: number, place: number) => void;

/** Papers evaluated together; a node's bitmap is then 16 words, and a million nodes are 64 MB. */
const BLOCK = 512;
const WORDS = BLOCK / 32;
/** Nodes, and queries, between two stops: some fractions of a millisecond. */
const NODES_AT_ONCE = 128;
const QUERIES_AT_ONCE = 1_024;

/**
 * Matches every query of a set against papers, block by block, each distinct part of the queries once a block. Stops now
 * and then, so that its caller can let others have the thread.
 *
 * @param resolve gives the lexemes of a leaf in the numbers of the papers' vocabulary, of which there are `capacity`.
 */
export function* matchMany(
  papers: readonly IndexedPaper[],
  queries: QuerySet,
  vocabulary: { readonly capacity: number; resolve(leaf: TextQuery | CategoryQuery): ResolvedText },
  visit: Visit,
): Generator<void, void> {
  const { nodes, roots, leaves, nodeCount } = queries;
  const arena = new Uint32Array(nodeCount * WORDS);
  const resolved: (ResolvedText | null)[] = [];
  for (let from = 0; from < papers.length; from += BLOCK) {
    const block = createBlock(papers.slice(from, from + BLOCK), vocabulary.capacity);
    const fill = (number: number, at: number) => {
      const leaf = leaves[number] as LeafQuery;
      const text = leaf.kind === "text" || leaf.kind === "category" ? leaf : null;
      resolved[number] ??= text && vocabulary.resolve(text);
      block.fill(leaf, resolved[number] ?? null, arena, at);
    };
    for (let node = 0; node < nodeCount; node += NODES_AT_ONCE) {
      evaluateNodes(nodes, node, Math.min(nodeCount, node + NODES_AT_ONCE), arena, block.all, fill);
      yield;
    }
    for (let query = 0; query < roots.length; query += QUERIES_AT_ONCE) {
      visitRoots(roots, query, Math.min(roots.length, query + QUERIES_AT_ONCE), arena, (number, place) =>
        visit(number, from + place),
      );
      yield;
    }
  }
}

function evaluateNodes(
  nodes: Int32Array,
  from: number,
  to: number,
  arena: Uint32Array,
  all: Uint32Array,
  fill: (leaf: number, at: number) => void,
): void {
  for (let node = from, at = from * WORDS; node < to; node++, at += WORDS) {
    const a = (nodes[3 * node + 1] as number) * WORDS;
    const b = (nodes[3 * node + 2] as number) * WORDS;
    switch (nodes[3 * node]) {
      case OPERATION.and:
        for (let w = 0; w < WORDS; w++) arena[at + w] = (arena[a + w] as number) & (arena[b + w] as number);
        break;
      case OPERATION.or:
        for (let w = 0; w < WORDS; w++) arena[at + w] = (arena[a + w] as number) | (arena[b + w] as number);
        break;
      case OPERATION.andNot:
        for (let w = 0; w < WORDS; w++) arena[at + w] = (arena[a + w] as number) & ~(arena[b + w] as number);
        break;
      case OPERATION.not:
        for (let w = 0; w < WORDS; w++) arena[at + w] = (all[w] as number) & ~(arena[a + w] as number);
        break;
      default:
        fill(nodes[3 * node + 1] as number, at);
    }
  }
}

function visitRoots(roots: Int32Array, from: number, to: number, arena: Uint32Array, visit: Visit): void {
  for (let query = from; query < to; query++) {
    const at = (roots[query] as number) * WORDS;
    for (let w = 0; w < WORDS; w++) {
      for (let rest = arena[at + w] as number; rest !== 0; rest &= rest - 1) {
        visit(query, w * 32 + lowestBit(rest));
      }
    }
  }
}

/** Up to 512 papers with one bitmap for each lexeme that stands in any of them. */
function createBlock(papers: readonly IndexedPaper[], capacity: number) {
  const all = new Uint32Array(WORDS);
  const places = new Int32Array(capacity).fill(-1);
  let bits = new Uint32Array(4_096 * WORDS);
  let used = 0;
  for (const [index, { ids }] of papers.entries()) {
    const word = index >>> 5;
    const bit = 1 << (index & 31);
    all[word] = (all[word] as number) | bit;
    for (const id of ids) {
      let place = places[id] as number;
      if (place < 0) {
        place = used;
        places[id] = place;
        used += WORDS;
        if (used > bits.length) bits = enlarge(bits);
      }
      bits[place + word] = (bits[place + word] as number) | bit;
    }
  }
  const block = { papers, places, bits };
  return {
    all,
    /** Writes the bitmap of a leaf into the arena. */
    fill(leaf: LeafQuery, text: ResolvedText | null, arena: Uint32Array, at: number): void {
      arena.fill(0, at, at + WORDS);
      if (text !== null) fillText(block, text, arena, at);
      else fillFact(block, leaf, arena, at);
    },
  };
}

interface Block {
  readonly papers: readonly IndexedPaper[];
  /** Where the bitmap of a lexeme begins, or -1. */
  readonly places: Int32Array;
  readonly bits: Uint32Array;
}

function enlarge(bits: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(bits.length * 2);
  larger.set(bits);
  return larger;
}

function fillFact({ papers }: Block, leaf: LeafQuery, arena: Uint32Array, at: number): void {
  if (leaf.kind === "text" || leaf.kind === "category") return;
  for (const [index, paper] of papers.entries()) {
    if (meets(paper, leaf)) setAt(arena, at, index);
  }
}

const candidates = new Uint32Array(WORDS);
const scratch = new Uint32Array(WORDS);

function fillText(block: Block, { weight, sequences }: ResolvedText, arena: Uint32Array, at: number): void {
  for (const sequence of sequences) {
    if (!fillCandidates(block, sequence)) continue;
    const sure = weight === null && sequence.length === 1;
    for (let w = 0; w < WORDS; w++) {
      if (sure) arena[at + w] = (arena[at + w] as number) | (candidates[w] as number);
      else confirm(block, sequence, weight, w, arena, at);
    }
  }
}

/** Papers of the block in which every term of a sequence stands somewhere; false when there are none. */
function fillCandidates({ places, bits }: Block, sequence: readonly ResolvedTerm[]): boolean {
  candidates.fill(0xffffffff);
  let any = 0;
  for (const { ids } of sequence) {
    scratch.fill(0);
    for (let index = 0; index < ids.length; index++) {
      const place = places[ids[index] as number] as number;
      if (place < 0) continue;
      for (let w = 0; w < WORDS; w++) scratch[w] = (scratch[w] as number) | (bits[place + w] as number);
    }
    any = 0;
    for (let w = 0; w < WORDS; w++) {
      const both = (candidates[w] as number) & (scratch[w] as number);
      candidates[w] = both;
      any |= both;
    }
    if (any === 0) return false;
  }
  return any !== 0;
}

function confirm(
  { papers }: Block,
  sequence: readonly ResolvedTerm[],
  weight: number | null,
  word: number,
  arena: Uint32Array,
  at: number,
): void {
  for (let rest = candidates[word] as number; rest !== 0; rest &= rest - 1) {
    const index = word * 32 + lowestBit(rest);
    const paper = papers[index];
    if (paper !== undefined && occurrences(paper, sequence, weight).length > 0) setAt(arena, at, index);
  }
}

function setAt(arena: Uint32Array, at: number, index: number): void {
  const word = at + (index >>> 5);
  arena[word] = (arena[word] as number) | (1 << (index & 31));
}
