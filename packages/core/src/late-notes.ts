import { type CategoryHealth, type DayHealthFacts, type JudgedHealth, judgeSource } from "./source-days.ts";
import { sourceTitle } from "./source-health.ts";
import { foldName } from "./topic/paper-lexemes.ts";
import { parseQuery } from "./topic/parse.ts";
import { categoriesWanted, sourcesWanted } from "./topic/sources-wanted.ts";
import { QuerySyntaxError } from "./topic/syntax-error.ts";

/** As much of a subscription as tells which sources it reads. */
export interface SourceReader {
  readonly topics: readonly { readonly query: string }[];
  readonly trending: boolean;
}

/** A source and its runs. */
export interface JudgedSource extends Omit<DayHealthFacts, "now"> {
  readonly name: string;
}

/** Kinds that show what papers trend by. */
const WITH_SIGNALS: readonly string[] = ["hf"];

/** A source of which papers are late, incomplete or fetched another way, and how it does. */
interface Told extends JudgedSource {
  readonly health: JudgedHealth;
}

/**
 * What readers are told when papers that should be here are not, or came another way than usual; what is late comes with a
 * later edition. Gives a function that says it to one reader: of the sources and categories their topics are limited to, of
 * all when a topic is not, and of those that carry signals when they read what trends.
 */
export function lateNotes(
  sources: readonly JudgedSource[],
  now: Date,
): (reader: SourceReader) => readonly string[] {
  const told = sources
    .map((source) => ({ ...source, health: judgeSource({ ...source, now }) }))
    .filter(({ health }) => health.late || health.categories.some(hasTrouble));
  if (told.length === 0) return () => [];
  // Readers share topics.
  const known = new Map<string, readonly string[]>();
  const ofTopic = (query: string): readonly string[] => {
    const before = known.get(query);
    const found = before ?? notesFor(query, told);
    if (before === undefined) known.set(query, found);
    return found;
  };
  const signals = told
    .filter(({ kind }) => WITH_SIGNALS.includes(kind))
    .flatMap((source) => notesOf(source, null));
  const all = told.flatMap((source) => notesOf(source, null));
  return ({ topics, trending }) => {
    const mine = new Set([...topics.flatMap(({ query }) => ofTopic(query)), ...(trending ? signals : [])]);
    return [...mine].toSorted((a, b) => all.indexOf(a) - all.indexOf(b));
  };
}

const hasTrouble = ({ state }: CategoryHealth) =>
  state === "late" || state === "repeated" || state === "partial" || state === "missing";

function notesFor(text: string, told: readonly Told[]): readonly string[] {
  try {
    const query = parseQuery(text);
    const wanted = sourcesWanted(query);
    const categories = categoriesWanted(query);
    return told
      .filter(({ name }) => wanted === null || wanted.has(foldName(name)))
      .flatMap((source) => notesOf(source, categories));
  } catch (error) {
    // Written by an older version: it matches nothing.
    if (error instanceof QuerySyntaxError) return [];
    throw error;
  }
}

/** What is said of one source to who reads these categories; of all of them when null. */
function notesOf({ kind, name, health }: Told, wanted: ReadonlySet<string> | null): string[] {
  const title = sourceTitle(kind, name);
  const mine = health.categories.filter(({ category }) => isWanted(category, wanted));
  if (mine.length === 0 && health.categories.length > 0) return [];
  const late = mine.filter((each) => each.late && each.missing.length === 0);
  const missing = mine.filter((each) => each.missing.length > 0);
  const filled = mine.filter((each) => !each.late && hasTrouble(each));
  const notes: string[] = [];
  const isWholly = health.categories.every((each) => each.late && each.missing.length === 0);
  if (health.late && isWholly) notes.push(`${title} was late today; these papers will come tomorrow.`);
  else if (late.length > 0)
    notes.push(`${title} (${namesOf(late)}) was late today; these papers will come tomorrow.`);
  if (missing.length > 0)
    notes.push(
      `${title} (${namesOf(missing)}) announced papers that could not be fetched yet; they will come once they can.`,
    );
  if (filled.length > 0)
    notes.push(`${title}'s feed (${namesOf(filled)}) was incomplete today; its papers came another way.`);
  return notes;
}

const namesOf = (categories: readonly CategoryHealth[]) =>
  categories.map(({ category }) => category).join(", ");

/** `cs` reads all of `cs.CL` and vice versa; a search that a source makes may find papers of any category. */
function isWanted(category: string, wanted: ReadonlySet<string> | null): boolean {
  if (wanted === null || !/^[a-z-]+(?:\.[a-z-]+)?$/i.test(category)) return true;
  const name = category.toLowerCase();
  return [...wanted].some(
    (each) => each === name || name.startsWith(`${each}.`) || each.startsWith(`${name}.`),
  );
}
