import { setTimeout as pause } from "node:timers/promises";
import { isAuthorTerm, type Profile, TASTE_LIMITS, unpackProfile } from "@paperboy/core";
import type { ApiContext } from "./context.ts";
import { Problem } from "./http/problem.ts";

/** How long a page waits for new weights; they are made all the same. */
const PATIENCE_MS = 3_000;
const SHOWN_WORDS = 24;
const SHOWN_AUTHORS = 8;

/** A word or an author of a taste, as the reader sees it. */
export interface TasteWord {
  readonly term: string;
  readonly written: string;
  readonly pinned: boolean;
}

/** Has the weights made that follow from what a reader changed. When that fails or takes long, the next planning does it. */
export async function remakeTaste({ library, logger }: ApiContext, id: string): Promise<void> {
  const made = library.tastes.refreshTaste(id).catch((error: Error) => {
    logger.warn(
      { err: error, subscriptionId: id },
      "a taste could not be made; the next planning tries again",
    );
  });
  const ended = new AbortController();
  const late = pause(PATIENCE_MS, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
  await Promise.race([made, late]);
  ended.abort();
}

/** Strikes a word out, pins it, or leaves it to its weight. @throws Problem when it is none, or one too many. */
export async function changeWord(
  context: ApiContext,
  id: string,
  term: string,
  change: string,
): Promise<void> {
  if (change !== "strike" && change !== "pin" && change !== "leave") {
    throw new Problem(400, "Say what to do with the word: strike, pin or leave.");
  }
  if (term === "" || term.length > TASTE_LIMITS.wordLength || /[\0\n\r]/.test(term)) {
    throw new Problem(400, "This is not a word of your profile.");
  }
  if (!(await context.store.tastes.changeWord(id, term, change))) {
    throw new Problem(
      409,
      `You have struck out or pinned ${TASTE_LIMITS.words} words, which is the most. Leave one of them first.`,
    );
  }
  await remakeTaste(context, id);
}

/** What the page of a subscription shows of a taste. */
export async function tasteModel({ store }: ApiContext, id: string) {
  const [marks, taste] = await Promise.all([store.marks.list(id), store.tastes.find(id)]);
  const profile = taste === null ? [] : unpackProfile(taste);
  const words = strongest(profile, false, SHOWN_WORDS);
  const authors = strongest(profile, true, SHOWN_AUTHORS);
  const { struck = [], pinned = [], upToDate = true } = taste ?? {};
  const written = await store.tastes.written(id, [...words, ...authors, ...struck]);
  const toWord = (term: string): TasteWord => ({
    term,
    written: written.get(term) ?? term.replace(/^@/, ""),
    pinned: pinned.includes(term),
  });
  return {
    marks: marks.map((mark) => ({ ...mark, more: mark.direction === "more", said: SAID[mark.markedAt] })),
    words: words.map(toWord),
    authors: authors.map(toWord),
    struck: struck.map(toWord),
    pending: !upToDate,
    exists: marks.length > 0 || struck.length > 0 || pinned.length > 0,
  };
}

const SAID = { seeds: "from your list", digest: "in a digest", page: "on its page" } as const;

const strongest = (profile: Profile, authors: boolean, count: number): string[] =>
  profile
    .map(({ term }) => term)
    .filter((term) => isAuthorTerm(term) === authors)
    .slice(0, count);
