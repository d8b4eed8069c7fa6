import { type IndexedPaper, indexOf, occurrences } from "./indexed-paper.ts";
import { positionOf, WEIGHT, weightOf } from "./paper-lexemes.ts";
import type { ResolvedText, ScoredLeaf } from "./resolve.ts";

/** A paper as scores are made of it. */
export type ScoredPaper = Pick<IndexedPaper, "ids" | "starts" | "positions" | "titleLength">;

/**
 * What a part of a query is worth by where it stands. The distances are such that a paper with all parts in its title comes
 * before one with only some of them there, and that none within a field reaches the next.
 */
const WORTH = { beginsExactly: 13.5, begins: 12, title: 10, author: 6, keyword: 4, abstract: 1 } as const;
/** Two parts that stand in the title one behind the other, as they do in the query. */
const ADJACENT = 0.5;

/**
 * How well a paper answers the parts of a query: titles that begin with the word itself, then titles that begin with a form of it,
 * then titles that hold it, then names, keywords and abstracts; within a field by how early, how often and how exactly it stands.
 * It is made of the paper and the query alone, never of other papers, so that every executor gives the same and a page of a
 * search continues where the one before ended. Rounded to three decimals, so that what answers equally well ties.
 */
export function relevance(paper: ScoredPaper, leaves: readonly ScoredLeaf[]): number {
  let score = 0;
  let inTitle = 0;
  let before = Number.NaN;
  for (const leaf of leaves) {
    const places = placesOf(paper, leaf);
    score += leafScore(paper, places);
    if (places.title < NOWHERE) inTitle++;
    if (places.title === before + 1) score += ADJACENT;
    before = places.title < NOWHERE ? places.title : Number.NaN;
  }
  // How much of the title was asked for: a title that was pasted comes before a longer one that holds it.
  if (inTitle > 1) score += Math.min(1, (inTitle - 1) / paper.titleLength);
  return Math.round(score * 1_000) / 1_000;
}

const NOWHERE = 0x4000;

/** Where a part of a query stands first in each field, counting from 0, and how often in the abstract. */
interface Places {
  title: number;
  /** Whether the title holds the words as they are written, and whether it begins with them. */
  exact: boolean;
  beginsExactly: boolean;
  abstract: number;
  abstractExact: boolean;
  timesInAbstract: number;
  author: boolean;
  keyword: boolean;
}

function leafScore({ titleLength }: ScoredPaper, places: Places): number {
  const { title, exact, beginsExactly, abstract, abstractExact, timesInAbstract } = places;
  // The abstract begins behind the title and a gap.
  const early = abstract < NOWHERE ? 1 / (1 + (abstract - titleLength - 1) / 10) : 0;
  if (title < NOWHERE) {
    const base = beginsExactly ? WORTH.beginsExactly : title === 0 ? WORTH.begins : WORTH.title;
    const near = 2 / (1 + title) + (1 - title / titleLength);
    return base + (near + early + (exact ? 0.35 : 0)) / 3.5;
  }
  const base = places.author ? WORTH.author : places.keyword ? WORTH.keyword : 0;
  if (abstract === NOWHERE) return base;
  const often = timesInAbstract / (timesInAbstract + 1.2);
  return Math.max(base, WORTH.abstract) + (often + early / 2 + (abstractExact ? 0.25 : 0)) / 2;
}

function placesOf(paper: ScoredPaper, { text, exact }: ScoredLeaf): Places {
  const places: Places = {
    title: NOWHERE,
    exact: false,
    beginsExactly: false,
    abstract: NOWHERE,
    abstractExact: false,
    timesInAbstract: 0,
    author: false,
    keyword: false,
  };
  visit(paper, text, (packed) => notePlace(places, packed));
  if (places.title < NOWHERE || places.abstract < NOWHERE) {
    visit(paper, exact, (packed) => noteExact(places, packed));
  }
  return places;
}

function notePlace(places: Places, packed: number): void {
  const place = positionOf(packed) - 1;
  switch (weightOf(packed)) {
    case WEIGHT.title:
      places.title = Math.min(places.title, place);
      break;
    case WEIGHT.abstract:
      places.abstract = Math.min(places.abstract, place);
      places.timesInAbstract++;
      break;
    case WEIGHT.author:
      places.author = true;
      break;
    default:
      places.keyword = true;
  }
}

function noteExact(places: Places, packed: number): void {
  if (weightOf(packed) === WEIGHT.title) {
    places.exact = true;
    places.beginsExactly ||= positionOf(packed) === 1;
  } else if (weightOf(packed) === WEIGHT.abstract) places.abstractExact = true;
}

/** Tells every place where a part of a query stands in a paper: for one word, which most are, without a list of the places. */
function visit(
  paper: ScoredPaper,
  { sequences, weight }: ResolvedText,
  place: (packed: number) => void,
): void {
  for (const sequence of sequences) {
    const [only] = sequence;
    if (only === undefined || sequence.length > 1 || only.ids.length > 8) {
      for (const packed of occurrences(paper, sequence, weight)) place(packed);
      continue;
    }
    for (let at = 0; at < only.ids.length; at++) {
      const index = indexOf(paper.ids, only.ids[at] as number);
      if (index < 0) continue;
      const end = paper.starts[index + 1] as number;
      for (let n = paper.starts[index] as number; n < end; n++) {
        const packed = paper.positions[n] as number;
        if (weight === null || weightOf(packed) === weight) place(packed);
      }
    }
  }
}
