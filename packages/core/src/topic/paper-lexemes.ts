import type { Paper } from "../paper.ts";
import { analyze, type Token } from "./analyze.ts";
import { isInflected } from "./stem.ts";

/**
 * The version of what papers are indexed under. Raise it with every change of the analyzer or of these lexemes: what a
 * database stores is then made anew before it is asked.
 */
export const LEXEMES_VERSION = 2;

/**
 * Lexemes live in four name spaces, told apart by a mark that no word begins with: stems bare, words as they are written
 * after `~`, names of authors after `@`, categories after `#`. Names are never stemmed.
 */
export const MARK = { word: "~", author: "@", category: "#" } as const;

/** Field weights in the order PostgreSQL packs them: A is the strongest. */
export const WEIGHT = { title: 3, abstract: 2, author: 1, keyword: 0 } as const;

/** What of a paper is indexed as text. */
export type PaperText = Pick<Paper, "title" | "abstract" | "authors" | "keywords" | "categories">;

/** Words of each field that are indexed; together with the gaps they stay below a tsvector's last position, 16383. */
const ROOM = { title: 1_000, abstract: 8_000, author: 5_500, keyword: 1_000, category: 500 } as const;
/** A tsvector keeps 255 positions of a lexeme, and has to stay below 1 MB. */
const MAX_POSITIONS = 255;
const MAX_BYTES = 800_000;

/** Packs a position (1 to 16383) with its field's weight, as a tsvector does. */
export const pack = (position: number, weight: number): number => (weight << 14) | position;
export const positionOf = (packed: number): number => packed & 0x3fff;
export const weightOf = (packed: number): number => packed >> 14;

/**
 * Everything a paper is found by: each lexeme with its packed positions, ascending within the text, which runs
 * title, abstract, authors, keywords, categories. Gaps keep phrases from reaching across fields, names and
 * keywords. Both executors read this and nothing else, so what one finds the other finds.
 */
export function paperLexemes(paper: PaperText): Map<string, number[]> {
  const { add, lexemes } = lexemeList();
  let next = 1;
  const read = (texts: readonly string[], field: "title" | "abstract" | "author" | "keyword") => {
    const end = next + ROOM[field];
    for (const text of texts) {
      const from = next;
      for (const { term, word, position } of analyze(text)) {
        if (from + position >= end) break;
        next = from + position + 1;
        const packed = pack(from + position, WEIGHT[field]);
        if (field === "author") add(MARK.author + word, packed);
        else for (const lexeme of wordLexemes({ term, word })) add(lexeme, packed);
      }
      next++;
    }
  };
  read([paper.title], "title");
  read([paper.abstract], "abstract");
  read(paper.authors, "author");
  read(paper.keywords, "keyword");
  for (const category of paper.categories.slice(0, ROOM.category)) {
    add(MARK.category + foldName(category), pack(next++, WEIGHT.keyword));
  }
  return lexemes;
}

type Add = (lexeme: string, packed: number) => void;

/**
 * What a word of a text is indexed under. A word that is a stem itself stands under `~` only, so that `organ` as written can
 * be told from the stem of `organization`; what has no other forms stands bare.
 */
export function wordLexemes({ term, word }: Pick<Token, "term" | "word">): string[] {
  if (word !== term) return [term, MARK.word + word];
  return [isInflected(word) ? MARK.word + word : word];
}

/** Names are compared whole: without case and outer space, at most 64 units long. */
export const foldName = (name: string): string =>
  name
    .normalize("NFC")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 64)
    .replace(/[\ud800-\udbff]$/, "");

function lexemeList() {
  const lexemes = new Map<string, number[]>();
  let bytes = 0;
  const add: Add = (lexeme, packed) => {
    const known = lexemes.get(lexeme);
    if (known !== undefined) {
      if (known.length < MAX_POSITIONS && known.at(-1) !== packed) known.push(packed);
      return;
    }
    bytes += lexeme.length * 3 + 8;
    if (bytes <= MAX_BYTES) lexemes.set(lexeme, [packed]);
  };
  return { add, lexemes };
}
