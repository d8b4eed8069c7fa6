/** What is wrong with a query, for a program to show where it stands. */
export interface SyntaxProblem {
  /** Where the problem begins: 1 is the first character of the query (UTF-16 units). */
  readonly column: number;
  readonly found: string;
  readonly expected: string;
  /** What to write instead, as a sentence; null when there is nothing better to say. */
  readonly suggestion: string | null;
  /** The whole text as a phrase in quotes, which can be searched for; null or absent when it cannot. */
  readonly quoted?: string | null;
}

/** A query that can't be read; the message says where, what was found, what was expected and what to write. */
export class QuerySyntaxError extends Error implements SyntaxProblem {
  override readonly name = "QuerySyntaxError";
  readonly column: number;
  readonly found: string;
  readonly expected: string;
  readonly suggestion: string | null;
  readonly quoted: string | null;

  constructor({ column, found, expected, suggestion, quoted = null }: SyntaxProblem) {
    const advice = suggestion === null ? "" : ` ${suggestion}`;
    super(`Column ${column}: found ${found}, expected ${expected}.${advice}`);
    this.column = column;
    this.found = found;
    this.expected = expected;
    this.suggestion = suggestion;
    this.quoted = quoted;
  }
}
