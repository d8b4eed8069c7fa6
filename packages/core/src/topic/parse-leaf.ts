import { joinedForms, linkAfter, pieces } from "./analyze.ts";
import { foldText } from "./fold.ts";
import type { Lexeme } from "./lexer.ts";
import { foldName } from "./paper-lexemes.ts";
import type { CategoryQuery, LeafQuery, NumberField, SourceQuery, TextField } from "./query.ts";
import { NUMBER_NAMES, nearestName, nothingToFind, quote } from "./query-errors.ts";
import { isInflected } from "./stem.ts";
import { QuerySyntaxError } from "./syntax-error.ts";

/** Shorter prefixes would match half of all words. */
const MIN_PREFIX = 2;
const MAX_NUMBER = 1_000_000_000;

/** Reads a word or phrase as text to look for. Throws {@link QuerySyntaxError} when nothing in it can be found. */
export function readText(lexeme: Lexeme, field: TextField | null): LeafQuery {
  const { text: written, column } = lexeme;
  const phrase = lexeme.kind === "phrase";
  const folded = foldText(written).text;
  const found = pieces(folded);
  if (found.length === 0) throw nothingToFind(phrase ? `"${written}"` : written, column);
  if (phrase) refuseStarInPhrase(written, column + 1);
  else refuseStrayStar(written, column);
  const words = found.map(({ word }) => word);
  const starred = phrase ? endsInPrefix(written, words) : written.endsWith("*");
  const quoted = phrase && isQuotingTold(words, field, starred);
  if (starred) refuseShortPrefix(written, words.at(-1) ?? "", words.length, column);
  const text = words
    .map((word, at) => `${at === 0 ? "" : separator(folded, found, at - 1, quoted)}${word}`)
    .join("");
  return { kind: "text", field, text, words, quoted, prefix: starred };
}

/** What keeps two words apart when they are printed: nothing inside a run without spaces, so that it is segmented alike. */
function separator(folded: string, found: ReturnType<typeof pieces>, index: number, quoted: boolean): string {
  if (found[index]?.end === found[index + 1]?.start) return "";
  if (quoted) return " ";
  return linkAfter(folded, found, index) === "." ? "." : "-";
}

/** The one-word spelling of a compound query, or null: `multi-modal` also finds `multimodal`. */
export function joinedWord(text: string): string | null {
  const found = pieces(text);
  return found.length === 2 ? (joinedForms(text, found).get(0) ?? null) : null;
}

/** Whether quotes change anything: they do around several words, and around one that has other forms. */
function isQuotingTold(words: readonly string[], field: TextField | null, starred: boolean): boolean {
  if (words.length > 1) return true;
  return !starred && field !== "author" && isInflected(words[0] ?? "");
}

/** A star right after the last word of a phrase; after a single letter alone it is part of a name, as in A*. */
const PHRASE_PREFIX = /[\p{L}\p{N}\p{M}+#]\*\s*$/u;
const endsInPrefix = (written: string, words: readonly string[]): boolean =>
  PHRASE_PREFIX.test(written) && (words.length > 1 || (words[0] ?? "").length >= MIN_PREFIX);

/** Names such as A* and C*-algebra stay readable inside quotes; elsewhere a star would be dropped without a word. */
const STAR_OF_NAME = /(?:^|[^\p{L}\p{N}\p{M}])[\p{L}\p{N}]$/u;

function refuseStarInPhrase(written: string, column: number): void {
  const rest = PHRASE_PREFIX.test(written) ? written.replace(/\*\s*$/, "") : written;
  for (const { index } of rest.matchAll(/\*/g)) {
    if (STAR_OF_NAME.test(rest.slice(Math.max(0, index - 3), index))) continue;
    throw new QuerySyntaxError({
      column: column + index,
      found: "* inside a phrase",
      expected: "* right after the last word of a phrase only",
      suggestion: `Write "${written.replaceAll("*", "").replace(/\s+/g, " ").trim()}", or put the word with the star outside the quotes.`,
    });
  }
}

function refuseStrayStar(written: string, column: number): void {
  const star = written.replace(/\*$/, "").search(/\*/);
  if (star < 0) return;
  const word = written.replaceAll("*", "");
  throw new QuerySyntaxError({
    column: column + star,
    found: "* inside a word",
    expected: "* at the end of a word only",
    suggestion: `Write ${word}*, which finds every word that begins so.`,
  });
}

function refuseShortPrefix(written: string, last: string, words: number, column: number): void {
  const unspaced = /^[^\0-\u2e7f]/.test(last);
  if (words > 1 || unspaced || last.length >= MIN_PREFIX) return;
  throw new QuerySyntaxError({
    column,
    found: quote(written),
    expected: "at least two letters before the star",
    suggestion: `Write ${last} without the star, or more of the word.`,
  });
}

/** Reads the name of a category or a source; a star ends a category: `cs.*`. */
export function readName(lexeme: Lexeme, field: "category" | "source"): CategoryQuery | SourceQuery {
  const whole = foldName(lexeme.text);
  const prefix = field === "category" && whole.endsWith("*");
  const name = prefix ? whole.slice(0, -1) : whole;
  if (/^[^*:<>=]+$/.test(name) && /[\p{L}\p{N}]/u.test(name)) {
    return field === "category" ? { kind: field, name, prefix } : { kind: field, name };
  }
  throw new QuerySyntaxError({
    column: lexeme.column,
    found: quote(lexeme.text),
    expected:
      field === "category" ? "a category, as in category:cs.CL or category:cs.*" : "the name of a source",
    suggestion: null,
  });
}

/** Reads `code`, the one thing a paper can be asked to have. */
export function readHas({ text, column }: Lexeme): LeafQuery {
  if (text.toLowerCase() === "code") return { kind: "has", what: "code" };
  const suggestion = "has:code finds papers with published code.";
  throw new QuerySyntaxError({ column, found: quote(text), expected: "code", suggestion });
}

/** Reads a date: a year, a month or a day, which stand for the day they begin with. */
export function readDate({ text, column }: Lexeme, side: "after" | "before"): LeafQuery {
  const [, year, month = "01", day = "01"] = /^([12]\d{3})(?:-(\d\d))?(?:-(\d\d))?$/.exec(text) ?? [];
  const date = `${year}-${month}-${day}`;
  const instant = new Date(`${date}T00:00:00Z`);
  const real =
    year !== undefined && !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date);
  if (real) return { kind: "date", side, date };
  const suggestion = `For example ${side}:2026-11-24.`;
  throw new QuerySyntaxError({
    column,
    found: quote(text),
    expected: "a date: YYYY, YYYY-MM or YYYY-MM-DD",
    suggestion,
  });
}

/** Reads the comparison that begins with `compare` and ends with `value`. */
export function readNumber(compare: Lexeme, value: Lexeme | undefined): LeafQuery {
  const field = numberField(compare);
  const comparison = compare.operator.replace("≥", ">=").replace("≤", "<=");
  if (
    comparison !== ">=" &&
    comparison !== ">" &&
    comparison !== "<=" &&
    comparison !== "<" &&
    comparison !== "="
  ) {
    throw new QuerySyntaxError({
      column: compare.column + compare.text.length,
      found: quote(compare.operator),
      expected: "one of >= > <= < =",
      suggestion: `For example ${field}>=10.`,
    });
  }
  const number = /^\d+$/.test(value?.text ?? "") ? Number(value?.text) : Number.NaN;
  if (value?.kind === "word" && number <= MAX_NUMBER)
    return { kind: "number", field, comparison, value: number };
  throw new QuerySyntaxError({
    column: value?.column ?? compare.end + 1,
    found: value === undefined ? "nothing" : quote(value.text),
    expected: "a whole number up to 1,000,000,000",
    suggestion: `Without spaces, for example ${field}${comparison}10.`,
  });
}

function numberField({ text, operator, column }: Lexeme): NumberField {
  const field = NUMBER_NAMES.find((name) => name === text);
  if (field !== undefined) return field;
  const near = nearestName(text, NUMBER_NAMES);
  throw new QuerySyntaxError({
    column,
    found: quote(`${text}${operator}`),
    expected: `one of ${NUMBER_NAMES.join(" ")} before ${operator}`,
    suggestion:
      near === null ? "Without spaces, for example upvotes>=10." : `Did you mean ${near}${operator}?`,
  });
}
