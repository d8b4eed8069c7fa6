import type { Lexeme } from "./lexer.ts";
import { quote } from "./query-errors.ts";
import { QuerySyntaxError } from "./syntax-error.ts";

export function unopenedParenthesis({ column }: Lexeme): QuerySyntaxError {
  const suggestion = "Leave it out, or add ( where the group begins.";
  return new QuerySyntaxError({ column, found: ")", expected: "the end of the query", suggestion });
}

export function nestedField(field: string, outer: string, column: number): QuerySyntaxError {
  return new QuerySyntaxError({
    column,
    found: `${field}: inside ${outer}:( )`,
    expected: "words and phrases only",
    suggestion: `Close the parenthesis of ${outer}: first.`,
  });
}

export function emptyField(field: string, name: Lexeme): QuerySyntaxError {
  return new QuerySyntaxError({
    column: name.end + 1,
    found: `nothing after ${field}:`,
    expected: "a value without a space before it",
    suggestion: `For example ${EXAMPLES[field] ?? `${field}:attention`}.`,
  });
}

const EXAMPLES: Readonly<Record<string, string>> = {
  author: "author:hinton",
  category: "category:cs.CL",
  source: "source:arxiv",
  has: "has:code",
  after: "after:2026-11-24",
  before: "before:2026-11-24",
};

export function datesRefused(field: string, column: number): QuerySyntaxError {
  return new QuerySyntaxError({
    column,
    found: `${field}:`,
    expected: "a condition that new papers can meet",
    suggestion: `Dates are for search; a topic brings the papers to come. Leave ${field}: out.`,
  });
}

export function onlyExclusions(canonical: string): QuerySyntaxError {
  return new QuerySyntaxError({
    column: 1,
    found: `only what to leave out (${quote(canonical)})`,
    expected: "at least one word to find, in every alternative",
    suggestion: "Say what to find first, for example: attention -vision",
  });
}
