import { type PaperText, paperLexemes, positionOf, weightOf } from "@paperboy/core";

/** How a tsvector spells packed weights; D, the weakest, goes without saying. */
const LETTERS = ["", "C", "B", "A"] as const;

/**
 * A paper's lexemes as the text of a `tsvector`, for the column `terms`: `'gate':1A,5B '~gated':1A '@hinton':90C`.
 * Built from the analyzer's tokens, so that no dictionary of the server's has a say; within a tsvector's limits.
 */
export function paperTerms(paper: PaperText): string {
  const entries: string[] = [];
  for (const [lexeme, packed] of paperLexemes(paper)) {
    let entry = quoteLexeme(lexeme);
    let mark = ":";
    for (const place of packed) {
      entry += mark + positionOf(place) + (LETTERS[weightOf(place)] ?? "");
      mark = ",";
    }
    entries.push(entry);
  }
  return entries.join(" ");
}

/** Quotes a lexeme for the text form of a tsvector or tsquery. */
export const quoteLexeme = (lexeme: string): string =>
  SPECIAL.test(lexeme) ? `'${lexeme.replaceAll("\\", "\\\\").replaceAll("'", "''")}'` : `'${lexeme}'`;
const SPECIAL = /['\\]/;
