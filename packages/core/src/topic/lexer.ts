import { FIELD_NAMES, NUMBER_NAMES } from "./query-errors.ts";
import { QuerySyntaxError } from "./syntax-error.ts";

/** A piece of a query as written; `column` counts from 1, `end` is the offset just after it. */
export interface Lexeme {
  readonly kind: "word" | "phrase" | "field" | "compare" | "(" | ")" | "-" | "AND" | "OR" | "NOT";
  /** The word, the phrase without quotes, or the field's name in lower case. */
  readonly text: string;
  /** A comparison's operator, as written. */
  readonly operator: string;
  readonly column: number;
  readonly end: number;
}

const SPACE = /\s+/uy;
const WORD = /[^\s()"\u201c\u201d\u201e\u201f]+/uy;
const QUOTE = /["\u201c\u201d\u201e\u201f]/u;
const PHRASE = /["\u201c\u201d\u201e\u201f]([^"\u201c\u201d\u201e\u201f]*)["\u201c\u201d\u201e\u201f]/uy;
const FIELD = /^(\p{L}[\p{L}_]{0,19}):/u;
const COMPARE = /^(\p{L}[\p{L}_]{0,19})?([<>=≤≥]+)/u;

/** Splits a query into its pieces, in one pass and in linear time. Throws {@link QuerySyntaxError}. */
export function lex(text: string): Lexeme[] {
  const found: Lexeme[] = [];
  for (let at = matchEnd(SPACE, text, 0) ?? 0; at < text.length; at = matchEnd(SPACE, text, at) ?? at) {
    const lexeme = readLexeme(text, at);
    found.push(lexeme);
    at = lexeme.end;
  }
  return found;
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function readLexeme(text: string, at: number): Lexeme {
  const sign = text.charAt(at);
  const make = (kind: Lexeme["kind"], end: number, content = "", operator = ""): Lexeme => {
    return { kind, text: content, operator, column: at + 1, end };
  };
  if (sign === "(" || sign === ")") return make(sign, at + 1);
  if (QUOTE.test(sign)) {
    const end = matchEnd(PHRASE, text, at);
    if (end === undefined) throw unbalancedQuote(text, at);
    return make("phrase", end, text.slice(at + 1, end - 1));
  }
  if (/[-\u2212]/.test(sign) && /[^\s)-]/.test(text.charAt(at + 1))) return make("-", at + 1);
  const end = matchEnd(WORD, text, at) ?? at + 1;
  const word = text.slice(at, end);
  if (word === "AND" || word === "OR" || word === "NOT") return make(word, end);
  const field = FIELD.exec(word);
  if (field !== null && !isPlainText(field, text.slice(at, end + 1))) {
    return make("field", at + field[0].length, field[1]?.toLowerCase());
  }
  const compare = COMPARE.exec(word);
  if (compare === null) return make("word", end, word);
  return make("compare", at + compare[0].length, compare[1]?.toLowerCase(), compare[2]);
}

/** A name nobody knows, with a space after its colon, is how titles begin: `TesserAct: Learning 4D World Models`. */
function isPlainText([written, name]: RegExpExecArray, text: string): boolean {
  const known: readonly string[] = [...FIELD_NAMES, ...NUMBER_NAMES];
  return !known.includes(name?.toLowerCase() ?? "") && /^[\s)]?$/.test(text.slice(written.length));
}

function unbalancedQuote(text: string, at: number): QuerySyntaxError {
  const rest = text.slice(at + 1, at + 41).trim();
  return new QuerySyntaxError({
    column: at + 1,
    found: "a quote that is never closed",
    expected: "a closing quote",
    suggestion: rest === "" ? "Leave the quote out." : `Write "${rest}", or leave the quote out.`,
  });
}
