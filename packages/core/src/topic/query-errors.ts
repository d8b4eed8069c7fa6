import { QUERY_LIMITS } from "./query.ts";
import { QuerySyntaxError } from "./syntax-error.ts";

/** Every name that may stand before a colon or a comparison. */
export const FIELD_NAMES = [
  "title",
  "abstract",
  "author",
  "category",
  "source",
  "keyword",
  "has",
  "after",
  "before",
] as const;
export const NUMBER_NAMES = ["upvotes", "stars", "comments"] as const;

/** What people call our fields elsewhere. */
const SYNONYMS: Readonly<Record<string, string>> = {
  ti: "title",
  abs: "abstract",
  au: "author",
  by: "author",
  cat: "category",
  subject: "category",
  tag: "keyword",
  since: "after",
  until: "before",
  likes: "upvotes",
  votes: "upvotes",
  score: "upvotes",
};

/** Shows a stretch of a query inside a message, never more than a line of it. */
export function quote(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 39)}…` : text}"`;
}

/** The known name nearest to what was written, or null when nothing is near. */
export function nearestName(name: string, names: readonly string[]): string | null {
  const synonym = SYNONYMS[name];
  if (synonym !== undefined && names.includes(synonym)) return synonym;
  const ranked = names.map((known) => ({ known, edits: distance(name, known) }));
  const best = ranked.reduce((a, b) => (b.edits < a.edits ? b : a));
  return best.edits <= Math.max(1, Math.floor(best.known.length / 3)) ? best.known : null;
}

/** Edits that turn one short word into another (Levenshtein, a swap of neighbours counting as one). */
export function distance(a: string, b: string): number {
  let older: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (older[j - 2] ?? 0) + 1 : 99;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same, swap));
    }
    older = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** A field nobody knows; names the nearest, or says how to search for text with a colon. */
export function unknownField(name: string, written: string, column: number): QuerySyntaxError {
  const near = nearestName(name, [...FIELD_NAMES, ...NUMBER_NAMES]);
  const isNumber = NUMBER_NAMES.some((known) => known === near);
  const fix = isNumber ? `Numbers are compared: ${near}>=10.` : `Did you mean ${near}:?`;
  return new QuerySyntaxError({
    column,
    found: `the unknown field ${quote(`${name}:`)}`,
    expected: `one of ${FIELD_NAMES.map((known) => `${known}:`).join(" ")}`,
    suggestion: near === null ? `To search for these words, put them in quotes: ${quote(written)}.` : fix,
  });
}

/** A word with no letter or digit in it, which nothing can be found by. */
export function nothingToFind(written: string, column: number): QuerySyntaxError {
  return new QuerySyntaxError({
    column,
    found: quote(written),
    expected: "a word",
    suggestion: advice(written),
  });
}

function advice(written: string): string {
  if (/^\*+$/.test(written)) return "A star ends a word: gate* finds gate, gated and GateLoop.";
  if (/^[|]+$/.test(written)) return "Write OR between alternatives: mamba OR transformer.";
  if (/^[&+]+$/.test(written))
    return "AND is implied, leave it out: linear attention finds papers with both words.";
  if (/^[-!~\u2013\u2014]+$/.test(written))
    return "To exclude a word, put the dash right before it: -vision.";
  return "Leave it out.";
}

/** A limit that was passed, named with its number. */
export function limitPassed(
  name: keyof typeof QUERY_LIMITS,
  found: number,
  column: number,
): QuerySyntaxError {
  const limit = QUERY_LIMITS[name].toLocaleString("en");
  const units = { length: "characters", terms: "words and conditions", depth: "levels of parentheses" }[name];
  return new QuerySyntaxError({
    column,
    found: `${found.toLocaleString("en")} ${units}`,
    expected: `at most ${limit}`,
    suggestion: name === "depth" ? "Take some parentheses out." : "Split the query into several topics.",
  });
}
