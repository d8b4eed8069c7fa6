import { parseQuery, type Query, QuerySyntaxError } from "@paperboy/core";

const MAX_QUERIES = 100_000;
const MAX_REASONS = 100_000;

/** What was found out of topics, for readers share them. */
export function createTopicCache() {
  const queries = new Map<string, Query | null>();
  /** A paper is read again for each word that is asked why. */
  const reasons = new Map<string, readonly string[]>();
  return {
    /** Topics are parsed when they are ordered, so one that does not parse was written by an older version: it matches nothing. */
    parse: (text: string): Query | null => remembered(queries, MAX_QUERIES, text, () => tryParse(text)),

    /** The words of a paper that a topic matched; `find` is asked once. */
    words: (text: string, paperId: number, find: () => readonly string[]): readonly string[] =>
      remembered(reasons, MAX_REASONS, `${paperId} ${text}`, find),

    forgetWords: (): void => reasons.clear(),
  };
}

/** Forgets everything when it is full: what is asked for often is soon here again. */
function remembered<Value>(known: Map<string, Value>, most: number, key: string, make: () => Value): Value {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = make();
  if (known.size >= most) known.clear();
  known.set(key, value);
  return value;
}

function tryParse(text: string): Query | null {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QuerySyntaxError) return null;
    throw error;
  }
}
