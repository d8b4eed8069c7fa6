import { type Bitmap, emptyBitmap, intersect, ordinalsOf, setBit, subtract, unite } from "./bitmap.ts";
import { type IndexedPaper, occurrences, type ResolvedTerm } from "./indexed-paper.ts";
import { printQuery } from "./print.ts";
import type { CategoryQuery, LeafQuery, Query, TextQuery } from "./query.ts";
import { meets, type ResolvedText, resolve } from "./resolve.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What an index holds, as evaluation sees it: papers by ordinal, and for each lexeme the ordinals of its papers. */
export interface Holdings {
  readonly docs: readonly (IndexedPaper | undefined)[];
  readonly postings: readonly (readonly number[])[];
  /** Ordinals in use, by paper id. */
  readonly ordinals: ReadonlyMap<number, number>;
  readonly vocabulary: Vocabulary;
}

/** Leaves that are remembered between queries, by their bitmaps' total size. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** Evaluates queries on bitmaps over everything an index holds; leaves are remembered until `forget`. */
export function evaluator(holdings: Holdings) {
  const leaves = new Map<string, Bitmap>();
  let cached = 0;

  const evaluateLeaf = (leaf: LeafQuery): Bitmap => {
    const key = printQuery(leaf);
    const known = leaves.get(key);
    if (known !== undefined) return known;
    const bits = findLeaf(holdings, leaf);
    if (cached > CACHE_BYTES) forget();
    cached += bits.byteLength + 200;
    leaves.set(key, bits);
    return bits;
  };

  /** The result may be a remembered one: copy before changing it. */
  const evaluate = (query: Query): Bitmap => {
    switch (query.kind) {
      case "and":
        return query.of
          .map(evaluate)
          .reduce((all, part, index) => intersect(index === 1 ? all.slice() : all, part));
      case "or":
        return query.of
          .map(evaluate)
          .reduce((all, part, index) => unite(index === 1 ? all.slice() : all, part));
      case "not":
        return subtract(everything(holdings), evaluate(query.of));
      default:
        return evaluateLeaf(query);
    }
  };

  const forget = (): void => {
    leaves.clear();
    cached = 0;
  };

  return {
    query: evaluate,
    forget,
  };
}

function everything({ docs, ordinals }: Holdings): Bitmap {
  const bits = emptyBitmap(docs.length);
  for (const ordinal of ordinals.values()) setBit(bits, ordinal);
  return bits;
}

function findLeaf(holdings: Holdings, leaf: LeafQuery): Bitmap {
  if (leaf.kind === "text" || leaf.kind === "category") return findText(holdings, leaf);
  const bits = emptyBitmap(holdings.docs.length);
  for (const [ordinal, doc] of holdings.docs.entries())
    if (doc !== undefined && meets(doc, leaf)) setBit(bits, ordinal);
  return bits;
}

function findText(holdings: Holdings, leaf: TextQuery | CategoryQuery): Bitmap {
  const text = resolve(leaf, holdings.vocabulary);
  const found = emptyBitmap(holdings.docs.length);
  for (const sequence of text.sequences) {
    const candidates = sequence.map((term) => findTerm(holdings, term)).reduce(intersect);
    unite(found, confirmed(holdings, text, sequence, candidates));
  }
  return found;
}

function findTerm({ docs, postings }: Holdings, term: ResolvedTerm): Bitmap {
  const bits = emptyBitmap(docs.length);
  for (const id of term.ids) for (const doc of postings[id] ?? []) setBit(bits, doc);
  return bits;
}

/** Keeps the candidates in which the words stand together and in the right field. */
function confirmed(
  { docs }: Holdings,
  { weight }: ResolvedText,
  sequence: readonly ResolvedTerm[],
  candidates: Bitmap,
): Bitmap {
  if (weight === null && sequence.length === 1) return candidates;
  const bits = emptyBitmap(docs.length);
  for (const ordinal of ordinalsOf(candidates)) {
    const doc = docs[ordinal];
    if (doc !== undefined && occurrences(doc, sequence, weight).length > 0) setBit(bits, ordinal);
  }
  return bits;
}
