import { type HealthFacts, judgeHealth, sourceTitle } from "./source-health.ts";
import { foldName } from "./topic/paper-lexemes.ts";
import { parseQuery } from "./topic/parse.ts";
import { sourcesWanted } from "./topic/sources-wanted.ts";
import { QuerySyntaxError } from "./topic/syntax-error.ts";

/** As much of a subscription as tells which sources it reads. */
export interface SourceReader {
  readonly topics: readonly { readonly query: string }[];
  readonly trending: boolean;
}

/** A source and its runs. */
export interface JudgedSource extends Omit<HealthFacts, "now"> {
  readonly name: string;
}

/** Kinds that show what papers trend by. */
const WITH_SIGNALS: readonly string[] = ["hf"];

/**
 * What readers are told when papers that should be here are not; they come with the next edition. Gives a function that
 * says it to one reader: of the sources his topics are limited to, of all when a topic is not, and of those that carry
 * signals when he reads what trends.
 */
export function lateNotes(
  sources: readonly JudgedSource[],
  now: Date,
): (reader: SourceReader) => readonly string[] {
  const late = sources.filter((source) => judgeHealth({ ...source, now }).late);
  if (late.length === 0) return () => [];
  // Readers share topics.
  const known = new Map<string, ReadonlySet<JudgedSource>>();
  const ofTopic = (query: string): ReadonlySet<JudgedSource> => {
    const before = known.get(query);
    const found = before ?? new Set(lateFor(query, late));
    if (before === undefined) known.set(query, found);
    return found;
  };
  const signals = late.filter(({ kind }) => WITH_SIGNALS.includes(kind));
  return ({ topics, trending }) => {
    const mine = new Set([
      ...topics.flatMap(({ query }) => [...ofTopic(query)]),
      ...(trending ? signals : []),
    ]);
    const names = late.filter((source) => mine.has(source)).map(({ kind, name }) => sourceTitle(kind, name));
    return [...new Set(names)].map((name) => `${name} was late today; these papers will come tomorrow.`);
  };
}

function lateFor(text: string, late: readonly JudgedSource[]): readonly JudgedSource[] {
  try {
    const wanted = sourcesWanted(parseQuery(text));
    return wanted === null ? late : late.filter(({ name }) => wanted.has(foldName(name)));
  } catch (error) {
    // Written by an older version: it matches nothing.
    if (error instanceof QuerySyntaxError) return [];
    throw error;
  }
}
