import { type Lexeme, lex } from "./lexer.ts";
import {
  datesRefused,
  emptyField,
  nestedField,
  onlyExclusions,
  unopenedParenthesis,
} from "./parse-errors.ts";
import { readDate, readHas, readName, readNumber, readText } from "./parse-leaf.ts";
import { printQuery } from "./print.ts";
import { findsSomething, group, negate, QUERY_LIMITS, type Query, type TextField } from "./query.ts";
import { FIELD_NAMES, limitPassed, unknownField } from "./query-errors.ts";
import { QuerySyntaxError } from "./syntax-error.ts";

export interface ParseOptions {
  /** Whether `after:` and `before:` may be used: a search knows a past, a topic only the papers to come. */
  readonly dates?: boolean;
}

/**
 * Reads a query of the topic language. Runs in time linear in the length of the text, which is bounded.
 * @throws {QuerySyntaxError} with the column, what was found, what was expected and what to write instead.
 */
export function parseQuery(text: string, options: ParseOptions = {}): Query {
  try {
    return readQuery(text, options);
  } catch (error) {
    throw error instanceof QuerySyntaxError ? withPhrase(error, text) : error;
  }
}

/** Offers the text as a phrase, for what was pasted and is no query: a title, an address. */
function withPhrase(
  { column, found, expected, suggestion }: QuerySyntaxError,
  text: string,
): QuerySyntaxError {
  const quoted = phraseOf(text);
  const advice =
    quoted !== null && isProse(text) ? `To find the text as it stands, put it in quotes: ${quoted}` : null;
  const both = [suggestion, advice].filter((part) => part !== null).join(" ");
  return new QuerySyntaxError({ column, found, expected, suggestion: both === "" ? null : both, quoted });
}

/** A text in quotes, or null when it is no phrase that can be searched for. */
function phraseOf(text: string): string | null {
  // A TeX accent holds a quote, and is no accent without it: the letter alone is found as well.
  const plain = text.replace(/\\"/g, "");
  const phrase = `"${plain.replace(/["\u201c\u201d\u201e\u201f*\s]+/g, " ").trim()}"`;
  try {
    const query = readQuery(phrase, {});
    return query.kind === "text" && query.words.length > 1 ? phrase : null;
  } catch (error) {
    if (error instanceof QuerySyntaxError) return null;
    throw error;
  }
}

/** Whether a text was hardly meant as a query: an address, or several words with nothing of the language's own in them. */
function isProse(text: string): boolean {
  if (/^\s*https?:/i.test(text)) return true;
  return text.trim().split(/\s+/).length > 3 && !/["()]|(?<![^\s])(?:AND|OR|NOT)(?![^\s])/.test(text);
}

function readQuery(text: string, options: ParseOptions): Query {
  if (text.length > QUERY_LIMITS.length) throw limitPassed("length", text.length, QUERY_LIMITS.length + 1);
  const parser: Parser = { text, lexemes: lex(text), at: 0, terms: 0, dates: options.dates ?? false };
  if (parser.lexemes.length === 0) throw expectedWord(parser);
  const query = readOr(parser, null, 0);
  const left = parser.lexemes[parser.at];
  if (left !== undefined) throw unopenedParenthesis(left);
  const canonical = printQuery(query);
  if (!findsSomething(query)) throw onlyExclusions(canonical);
  // Folding can lengthen a text; what is stored has to be readable again.
  if (canonical.length > QUERY_LIMITS.length) throw limitPassed("length", canonical.length, text.length);
  return query;
}

interface Parser {
  readonly text: string;
  readonly lexemes: readonly Lexeme[];
  readonly dates: boolean;
  at: number;
  terms: number;
}

const peek = (parser: Parser): Lexeme | undefined => parser.lexemes[parser.at];

function readOr(parser: Parser, field: TextField | null, depth: number): Query {
  const operands = [readAnd(parser, field, depth)];
  while (peek(parser)?.kind === "OR") {
    parser.at++;
    operands.push(readAnd(parser, field, depth));
  }
  return group("or", operands);
}

function readAnd(parser: Parser, field: TextField | null, depth: number): Query {
  const operands = [readNot(parser, field, depth)];
  for (let next = peek(parser); next !== undefined; next = peek(parser)) {
    if (next.kind === ")" || next.kind === "OR") break;
    operands.push(readNot(parser, field, depth));
  }
  return group("and", operands);
}

function readNot(parser: Parser, field: TextField | null, depth: number): Query {
  const next = peek(parser);
  if (next?.kind !== "-" && next?.kind !== "NOT") return readOperand(parser, field, depth);
  if (depth >= QUERY_LIMITS.depth) throw limitPassed("depth", depth + 1, next.column);
  parser.at++;
  return negate(readNot(parser, field, depth + 1));
}

function readOperand(parser: Parser, field: TextField | null, depth: number): Query {
  const next = peek(parser);
  switch (next?.kind) {
    case "(":
      return readGroup(parser, field, depth);
    case "word":
    case "phrase":
      parser.at++;
      return count(parser, readText(next, field), next);
    case "field":
      return readField(parser, next, field, depth);
    case "compare":
      parser.at += 2;
      return count(parser, readNumber(next, adjacent(parser, parser.at - 1, next)), next);
    default:
      throw expectedWord(parser);
  }
}

function readGroup(parser: Parser, field: TextField | null, depth: number): Query {
  const open = parser.lexemes[parser.at++];
  const column = open?.column ?? 1;
  if (depth >= QUERY_LIMITS.depth) throw limitPassed("depth", depth + 1, column);
  const inner = readOr(parser, field, depth + 1);
  if (parser.lexemes[parser.at++]?.kind === ")") return inner;
  throw new QuerySyntaxError({
    column,
    found: "a parenthesis that is never closed",
    expected: "a closing parenthesis",
    suggestion: "Add ) where the group ends.",
  });
}

function readField(parser: Parser, name: Lexeme, outer: TextField | null, depth: number): Query {
  const field = FIELD_NAMES.find((known) => known === name.text);
  const written = parser.text.slice(name.column - 1).split(/[\s()"]/, 1)[0] ?? name.text;
  if (field === undefined) throw unknownField(name.text, written, name.column);
  if (outer !== null) throw nestedField(field, outer, name.column);
  parser.at++;
  const value = adjacent(parser, parser.at, name);
  const isText = field === "title" || field === "abstract" || field === "author" || field === "keyword";
  if (isText && value?.kind === "(") return readGroup(parser, field, depth);
  if (value?.kind !== "word" && value?.kind !== "phrase") throw emptyField(field, name);
  parser.at++;
  return count(parser, readValue(parser, field, value, name), name);
}

function readValue(parser: Parser, field: (typeof FIELD_NAMES)[number], value: Lexeme, name: Lexeme) {
  switch (field) {
    case "category":
    case "source":
      return readName(value, field);
    case "has":
      return readHas(value);
    case "after":
    case "before":
      if (!parser.dates) throw datesRefused(field, name.column);
      return readDate(value, field);
    default:
      return readText(value, field);
  }
}

/** The piece at `index` when it touches the one before it. */
function adjacent(parser: Parser, index: number, before: Lexeme): Lexeme | undefined {
  const next = parser.lexemes[index];
  return next?.column === before.end + 1 ? next : undefined;
}

function count<Leaf extends Query>(parser: Parser, leaf: Leaf, { column }: Lexeme): Leaf {
  parser.terms += leaf.kind === "text" ? termsOf(leaf.words) : 1;
  if (parser.terms > QUERY_LIMITS.terms) throw limitPassed("terms", parser.terms, column);
  return leaf;
}

/** Words, two characters of Han counting as one. */
function termsOf(words: readonly string[]): number {
  const characters = words.filter((word) => /^\p{Script=Han}$/u.test(word)).length;
  return words.length - Math.floor(characters / 2);
}

function expectedWord(parser: Parser): QuerySyntaxError {
  const next = peek(parser);
  const after = parser.lexemes[parser.at - 1];
  const found =
    next === undefined ? (after === undefined ? "an empty query" : "the end of the query") : next.kind;
  return new QuerySyntaxError({
    column: next?.column ?? parser.text.length + 1,
    found,
    expected: "a word, a phrase in quotes or a field",
    suggestion: wordAdvice(parser, next, after),
  });
}

function wordAdvice(parser: Parser, next: Lexeme | undefined, after: Lexeme | undefined): string | null {
  if (next?.kind === "AND") {
    const plain = parser.text.replace(/(?<![^\s()])AND(?![^\s()])\s*/g, "").trim();
    return plain === "" ? "AND is implied, leave it out." : `AND is implied, leave it out: ${plain}`;
  }
  if (next?.kind === "OR") return "OR stands between two alternatives: mamba OR transformer.";
  if (next?.kind === ")") return "Leave the empty parentheses out.";
  if (after?.kind === "OR") return "Leave the last OR out, or say what comes after it.";
  return after === undefined ? 'For example: "linear attention" OR mamba -vision' : null;
}
