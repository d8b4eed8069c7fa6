import type { Paper } from "../paper.ts";
import { analyze, type Token } from "./analyze.ts";
import { expandLeaf, type Slot } from "./expand.ts";
import { MARK, wordLexemes } from "./paper-lexemes.ts";
import { positiveLeaves, type Query, type TextField, type TextQuery } from "./query.ts";

/** A stretch of a text, in UTF-16 offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const MAX_WORDS = 6;

/**
 * The stretches of a text that a query's words matched, ascending and apart from each other. `field` says what the text
 * is, so that words asked for in another field are left alone; without it every word counts.
 */
export function highlight(query: Query, text: string, field: TextField | null = null): Span[] {
  const tokens = analyze(text);
  const spans = textLeaves(query).flatMap((leaf) => leafSpans(leaf, tokens, field));
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return merged;
}

/**
 * Why a paper matched: its own words, as they stand, at most six and none twice. Every part of the query is heard before
 * any speaks again; the title is quoted before authors, abstract and keywords.
 */
export function matchedWords(
  query: Query,
  paper: Pick<Paper, "title" | "abstract" | "authors" | "keywords">,
): string[] {
  const texts = paperTexts(paper);
  const quotes = textLeaves(query).map((leaf) => [
    ...new Set(
      texts.flatMap(({ text, field, tokens }) =>
        leafSpans(leaf, tokens, field).map(({ start, end }) => text.slice(start, end).replace(/\s+/g, " ")),
      ),
    ),
  ]);
  const chosen = new Map<string, string>();
  const rounds = Math.max(0, ...quotes.map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    for (const words of quotes) {
      const word = words[round];
      const key = word?.toLowerCase() ?? "";
      if (word !== undefined && !chosen.has(key)) chosen.set(key, word);
      if (chosen.size === MAX_WORDS) return [...chosen.values()];
    }
  }
  return [...chosen.values()];
}

const textLeaves = (query: Query): TextQuery[] =>
  positiveLeaves(query).filter((leaf) => leaf.kind === "text");

interface FieldText {
  readonly text: string;
  readonly field: TextField;
  readonly tokens: readonly Token[];
}

function paperTexts({ title, authors, abstract, keywords }: Parameters<typeof matchedWords>[1]): FieldText[] {
  const read = (field: TextField) => (text: string) => ({ text, field, tokens: analyze(text) });
  return [
    read("title")(title),
    ...authors.map(read("author")),
    read("abstract")(abstract),
    ...keywords.map(read("keyword")),
  ];
}

function leafSpans(leaf: TextQuery, tokens: readonly Token[], field: TextField | null): Span[] {
  if (field !== null && leaf.field !== null && leaf.field !== field) return [];
  const asName = field === "author" || leaf.field === "author";
  const spans: Span[] = [];
  for (const sequence of expandLeaf(leaf).sequences) {
    for (const [index, token] of tokens.entries()) {
      const end = sequenceEnd(sequence, tokens, index, asName);
      if (end !== undefined) spans.push({ start: token.start, end });
    }
  }
  return spans.sort((a, b) => a.start - b.start);
}

/** Where a sequence that begins with the token at `index` ends in the text, or undefined when it does not. */
function sequenceEnd(
  sequence: readonly Slot[],
  tokens: readonly Token[],
  index: number,
  asName: boolean,
): number | undefined {
  const position = tokens[index]?.position ?? 0;
  let end: number | undefined;
  let at = index;
  for (const [step, slot] of sequence.entries()) {
    const stop = step === 0 ? index + 1 : tokens.length;
    while (at < stop && (tokens[at]?.position ?? 0) < position + step) at++;
    end = undefined;
    for (; at < stop && tokens[at]?.position === position + step; at++) {
      const token = tokens[at];
      if (token !== undefined && fits(slot, token, asName)) end = token.end;
    }
    if (end === undefined) return undefined;
  }
  return end;
}

function fits(slot: Slot, token: Token, asName: boolean): boolean {
  const lexemes = asName ? [MARK.author + token.word] : wordLexemes(token);
  return slot.some(({ lexeme, prefix }) =>
    lexemes.some((known) => (prefix ? known.startsWith(lexeme) : known === lexeme)),
  );
}
