import { foldName } from "../topic/paper-lexemes.ts";
import type { Collection } from "./collection.ts";
import { type Profile, profileOf } from "./profile.ts";
import { type RelevanceText, type TermBag, termBag } from "./term-bag.ts";

/** A paper as a taste reads it: one that is known here, or what a reader's own list says of it. */
export interface TasteText extends RelevanceText {
  readonly authors: readonly string[];
}

/** What a reader says of a paper. */
export type MarkDirection = "more" | "less";

/** Where a reader said it: a list of papers they gave, a digest's link, or a page of a paper. */
export type MarkedAt = "seeds" | "digest" | "page";

/** Marks that one reader may have, and words they may strike out or pin. */
export const TASTE_LIMITS = { marks: 2_000, words: 100, wordLength: 80 } as const;

/** Names of authors stand among the terms of a taste behind this mark, which no term begins with. */
const AUTHOR = "@";
/** Who is one of so many says little about a paper. */
const MOST_AUTHORS = 12;

export const authorTerm = (name: string): string => AUTHOR + foldName(name);
export const isAuthorTerm = (term: string): boolean => term.startsWith(AUTHOR);

/** The terms of a title and an abstract, and beside them each author as one term, which then counts as a rare word does. */
export function tasteBag(text: TasteText): TermBag {
  const bag = new Map(termBag(text));
  if (text.authors.length <= MOST_AUTHORS) for (const name of text.authors) bag.set(authorTerm(name), 1);
  return bag;
}

const PINNED = 3;

/** Words that a reader struck out or pinned, as terms. */
export interface TasteWords {
  readonly struck: readonly string[];
  readonly pinned: readonly string[];
}

/**
 * The profile of what a reader wants more of. A struck word weighs nothing; a pinned one weighs three times as much
 * as the heaviest, whether or not a marked paper holds it: alone it brings a paper above the bar.
 */
export function tasteProfile(
  collection: Collection,
  wanted: readonly TermBag[],
  { struck, pinned }: TasteWords,
): Profile {
  const texts = wanted.map((bag) => collection.count(bag));
  const profile = texts.length === 0 ? [] : profileOf(collection, texts, new Set(struck));
  if (pinned.length === 0) return profile;
  const weight = PINNED * (profile[0]?.weight ?? 1);
  const isPinned = new Set(pinned);
  return [...pinned.map((term) => ({ term, weight })), ...profile.filter(({ term }) => !isPinned.has(term))];
}

/** A profile as it is kept: terms apart by line breaks, and for each two bytes that give its share of the heaviest. */
export interface PackedProfile {
  readonly terms: string;
  /** Base64; kept as bytes. */
  readonly weights: string;
}

/** The most that a packed profile takes, in bytes. */
export const MAX_PACKED_PROFILE = 4_000;
const FULL = 0xffff;

/** Packs the heaviest terms of a profile, as many as fit. */
export function packProfile(profile: Profile): PackedProfile {
  const heaviest = profile[0]?.weight ?? 1;
  const terms: string[] = [];
  const weights: number[] = [];
  let room = MAX_PACKED_PROFILE;
  for (const { term, weight } of profile) {
    room -= Buffer.byteLength(term) + 3;
    if (room < 0) break;
    terms.push(term);
    weights.push(Math.max(1, Math.round((FULL * weight) / heaviest)));
  }
  const packed = new DataView(new ArrayBuffer(2 * weights.length));
  for (const [at, weight] of weights.entries()) packed.setUint16(2 * at, weight, true);
  return { terms: terms.join("\n"), weights: Buffer.from(packed.buffer).toString("base64") };
}

/** What was packed; weights as shares of the heaviest. */
export function unpackProfile({ terms, weights }: PackedProfile): Profile {
  if (terms === "") return [];
  const bytes = Buffer.from(weights, "base64");
  return terms.split("\n").map((term, at) => {
    const packed = (bytes[2 * at] ?? 0) + 256 * (bytes[2 * at + 1] ?? 0);
    return { term, weight: packed / FULL };
  });
}
