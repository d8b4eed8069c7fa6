import type { Paper } from "../paper.ts";
import { paperLexemes, positionOf, WEIGHT, weightOf } from "./paper-lexemes.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A paper with its lexemes, packed: the lexeme `ids[n]` stands at `positions[starts[n]]` up to `starts[n + 1]`. */
export interface IndexedPaper {
  readonly paper: Paper;
  readonly seq: number;
  /** Ascending. */
  readonly ids: Uint32Array;
  readonly starts: Uint32Array;
  readonly positions: Uint16Array;
  /** Words of the title. */
  readonly titleLength: number;
}

/** The lexemes of a paper alone. */
type PackedLexemes = Pick<IndexedPaper, "ids" | "starts" | "positions">;

/** Lexeme numbers of which any may stand at one position. */
export interface ResolvedTerm {
  readonly ids: readonly number[];
  readonly has: ReadonlySet<number>;
}

export function indexPaper(paper: Paper, seq: number, vocabulary: Vocabulary): IndexedPaper {
  const entries = [...paperLexemes(paper)].map(([lexeme, at]) => ({ id: vocabulary.intern(lexeme), at }));
  entries.sort((a, b) => a.id - b.id);
  const starts = new Uint32Array(entries.length + 1);
  for (const [index, { at }] of entries.entries()) starts[index + 1] = (starts[index] ?? 0) + at.length;
  const positions = new Uint16Array(starts.at(-1) ?? 0);
  for (const [index, { at }] of entries.entries()) positions.set(at, starts[index]);
  return {
    paper,
    seq,
    ids: Uint32Array.from(entries, ({ id }) => id),
    starts,
    positions,
    titleLength: titleLengthOf(positions),
  };
}

/** The title comes first, so that the last place in it is its length. */
function titleLengthOf(positions: Uint16Array): number {
  let length = 0;
  for (const packed of positions)
    if (weightOf(packed) === WEIGHT.title) length = Math.max(length, positionOf(packed));
  return length;
}

/** What a paper keeps in the index, in bytes, its texts left out. */
export const packedBytes = ({ ids, starts, positions }: IndexedPaper): number =>
  ids.byteLength + starts.byteLength + positions.byteLength + 400;

/**
 * Where a sequence of terms begins in a paper: packed positions, ascending. With a `weight`, all of its words
 * have to stand in that field.
 */
export function occurrences(
  doc: PackedLexemes,
  sequence: readonly ResolvedTerm[],
  weight: number | null,
): readonly number[] {
  const [first, ...rest] = sequence;
  if (first === undefined) return [];
  let found = termPositions(doc, first, weight);
  let distance = 1;
  for (const term of rest) {
    if (found.length === 0) break;
    const next = new Set(termPositions(doc, term, weight));
    const step = distance++;
    found = found.filter((packed) => next.has(packed + step));
  }
  return found;
}

function termPositions(doc: PackedLexemes, term: ResolvedTerm, weight: number | null): number[] {
  const found: number[] = [];
  if (term.ids.length <= 8) {
    for (const id of term.ids) addPositions(doc, indexOf(doc.ids, id), weight, found);
  } else {
    for (let index = 0; index < doc.ids.length; index++) {
      if (term.has.has(doc.ids[index] ?? -1)) addPositions(doc, index, weight, found);
    }
  }
  return found;
}

function addPositions(doc: PackedLexemes, index: number, weight: number | null, found: number[]): void {
  if (index < 0) return;
  const end = doc.starts[index + 1] ?? 0;
  for (let at = doc.starts[index] ?? 0; at < end; at++) {
    const packed = doc.positions[at] ?? 0;
    if (weight === null || weightOf(packed) === weight) found.push(packed);
  }
}

/** Where a number stands in an ascending list, or -1. */
export function indexOf(ids: Uint32Array, id: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return ids[low] === id ? low : -1;
}
