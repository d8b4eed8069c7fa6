import type { Paper } from "../paper.ts";
import { analyze, type Token } from "./analyze.ts";
import { expandLeaf, type LexemeTest, type PhraseTerm } from "./expand.ts";
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
  return mergeSpans(spans);
}

function mergeSpans(spans: Span[]): Span[] {
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
export function matchedWords(query: Query, paper: QuotedPaper): string[] {
  const read = readPaper(paper);
  return chooseWords(textLeaves(query).map((leaf) => quotesOf(leaf, read)));
}

/** What of a paper is quoted. */
export type QuotedPaper = Pick<Paper, "title" | "abstract" | "authors" | "keywords">;

/** One text of a paper, read into words. */
interface FieldText {
  readonly text: string;
  readonly field: TextField;
  readonly tokens: readonly Token[];
}

/** The texts of a paper in the order they are quoted in, and where each of their lexemes stands. */
export interface ReadPaper {
  readonly texts: readonly FieldText[];
  /** Numbers of a text and of a token in it, packed; ascending. */
  readonly places: ReadonlyMap<string, readonly number[]>;
}

/** More tokens than a text has. */
const TEXT = 2 ** 24;

export function readPaper({ title, authors, abstract, keywords }: QuotedPaper): ReadPaper {
  const read = (field: TextField) => (text: string) => ({ text, field, tokens: analyze(text) });
  const texts = [
    read("title")(title),
    ...authors.map(read("author")),
    read("abstract")(abstract),
    ...keywords.map(read("keyword")),
  ];
  const places = new Map<string, number[]>();
  const add = (lexeme: string, place: number) => {
    const before = places.get(lexeme);
    if (before === undefined) places.set(lexeme, [place]);
    else before.push(place);
  };
  for (const [number, { field, tokens }] of texts.entries()) {
    for (const [index, token] of tokens.entries()) {
      const lexemes = field === "author" ? [MARK.author + token.word] : wordLexemes(token);
      for (const lexeme of lexemes) add(lexeme, number * TEXT + index);
    }
  }
  return { texts, places };
}

/** Why a paper matched: its words, and the stretches of its texts, which are ascending and apart from each other. */
export interface Explanation {
  readonly matched: readonly string[];
  readonly title: readonly Span[];
  readonly abstract: readonly Span[];
  /** One list for each author. */
  readonly authors: readonly (readonly Span[])[];
}

/** What {@link matchedWords} and {@link highlight} say of a paper, which is read once for both. */
export function explainMatch(query: Query, paper: QuotedPaper): Explanation {
  const read = readPaper(paper);
  const places = textLeaves(query).map((leaf) => placesIn(leaf, read));
  const spans: Span[][] = read.texts.map(() => []);
  for (const { in: number, start, end } of places.flat()) spans[number]?.push({ start, end });
  const merged = spans.map(mergeSpans);
  const abstract = paper.authors.length + 1;
  return {
    matched: chooseWords(places.map((found) => quotes(found, read))),
    title: merged[0] ?? [],
    authors: merged.slice(1, abstract),
    abstract: merged[abstract] ?? [],
  };
}

/**
 * Everything in a paper that one part of a query matches, as it stands, each once.
 *
 * @param sequences what the part expands to, for a caller that asks of many papers.
 */
export const quotesOf = (
  leaf: TextQuery,
  read: ReadPaper,
  sequences = expandLeaf(leaf).sequences,
): string[] => quotes(placesIn(leaf, read, sequences), read);

/** A stretch of one of the texts of a paper, by its number. */
type Place = Span & { readonly in: number };

/** Where a part of a query stands in a paper, in the order of its texts. */
function placesIn(
  leaf: TextQuery,
  { texts, places }: ReadPaper,
  sequences = expandLeaf(leaf).sequences,
): Place[] {
  const spans: Place[] = [];
  for (const sequence of sequences) {
    const starts = new Set((sequence[0] ?? []).flatMap((test) => placesOf(test, places)));
    for (const place of [...starts].sort((a, b) => a - b)) {
      const [number, index] = [Math.floor(place / TEXT), place % TEXT];
      const { field, tokens } = texts[number] as FieldText;
      if (leaf.field !== null && leaf.field !== field) continue;
      const end = sequenceEnd(sequence, tokens, index, field === "author");
      if (end !== undefined) spans.push({ in: number, start: tokens[index]?.start ?? 0, end });
    }
  }
  return spans.sort((a, b) => a.in - b.in || a.start - b.start);
}

function quotes(places: readonly Place[], { texts }: ReadPaper): string[] {
  const quote = ({ in: number, start, end }: Place) =>
    (texts[number] as FieldText).text.slice(start, end).replace(/\s+/g, " ");
  return [...new Set(places.map(quote))];
}

function placesOf({ lexeme, prefix }: LexemeTest, places: ReadPaper["places"]): readonly number[] {
  if (!prefix) return places.get(lexeme) ?? [];
  const found: number[] = [];
  for (const known of places.keys()) {
    if (known.startsWith(lexeme)) found.push(...(places.get(known) ?? []));
  }
  return found;
}

/** At most six words of what the parts of a query quote, one part after the other, whatever their case none twice. */
export function chooseWords(quotes: readonly (readonly string[])[]): string[] {
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

/** The parts of a query that words of a text can answer. */
export const textLeaves = (query: Query): TextQuery[] =>
  positiveLeaves(query).filter((leaf) => leaf.kind === "text");

function leafSpans(leaf: TextQuery, tokens: readonly Token[], field: TextField | null): Span[] {
  if (field !== null && leaf.field !== null && leaf.field !== field) return [];
  const asName = field === "author" || leaf.field === "author";
  const spans: Span[] = [];
  for (const sequence of expandLeaf(leaf).sequences) {
    const first = sequence[0] ?? [];
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index] as Token;
      if (!fits(first, token, asName)) continue;
      const end = sequenceEnd(sequence, tokens, index, asName);
      if (end !== undefined) spans.push({ start: token.start, end });
    }
  }
  return spans.sort((a, b) => a.start - b.start);
}

/** Where a sequence that begins with the token at `index` ends in the text, or undefined when it does not. */
function sequenceEnd(
  sequence: readonly PhraseTerm[],
  tokens: readonly Token[],
  index: number,
  asName: boolean,
): number | undefined {
  const position = tokens[index]?.position ?? 0;
  let end = tokens[index]?.end;
  for (let at = index + 1, step = 1; step < sequence.length; step++) {
    while (at < tokens.length && (tokens[at]?.position ?? 0) < position + step) at++;
    end = undefined;
    for (; at < tokens.length && tokens[at]?.position === position + step; at++) {
      const token = tokens[at];
      if (token !== undefined && fits(sequence[step] ?? [], token, asName)) end = token.end;
    }
    if (end === undefined) return undefined;
  }
  return end;
}

/** As papers are indexed: a name by its word, another text by all lexemes of its words. */
function fits(term: PhraseTerm, token: Token, asName: boolean): boolean {
  const lexemes = asName ? [MARK.author + token.word] : wordLexemes(token);
  return term.some(({ lexeme, prefix }) =>
    lexemes.some((known) => (prefix ? known.startsWith(lexeme) : known === lexeme)),
  );
}
