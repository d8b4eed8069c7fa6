import { setTimeout as pause } from "node:timers/promises";
import type { ForYou } from "@paperboy/core";
import type { Library, Store } from "@paperboy/db";

/** What is asked of the store and of what ranks papers by marks. */
export interface ForYouParts {
  readonly store: { readonly tastes: Pick<Store["tastes"], "isWanted" | "outOfDate"> };
  readonly library: { readonly tastes: Pick<Library["tastes"], "forYou" | "refreshTaste"> };
  /** Told why editions go out without papers for their readers. */
  readonly warn: (message: string) => void;
}

/** How long a planning waits; what is not ready by then is ready for a later one. */
const PATIENCE_MS = 10_000;
/** Readers whose weights are made anew before one planning: those that are due first. */
const MADE_AT_ONCE = 1_000;

/**
 * Makes ready what ranks the new papers by what readers marked, and the weights of readers whose marks have changed. A mail is
 * never late for it: null when no reader wants it, and, with a warning, when it fails or takes too long.
 */
export async function readyForYou(parts: ForYouParts, patienceMs = PATIENCE_MS): Promise<ForYou | null> {
  const ended = new AbortController();
  const ready = makeReady(parts).catch((error: Error) => {
    parts.warn(`digests go out without "For you": ${error.message}`);
    return null;
  });
  const late = pause(patienceMs, "late" as const, { signal: ended.signal, ref: false }).catch(() => null);
  const first = await Promise.race([ready, late]);
  ended.abort();
  if (first !== "late") return first;
  parts.warn(`digests go out without "For you": it was not ready within ${patienceMs / 1000} s`);
  return null;
}

async function makeReady({ store, library, warn }: ForYouParts): Promise<ForYou | null> {
  if (!(await store.tastes.isWanted())) return null;
  for (const id of await store.tastes.outOfDate(MADE_AT_ONCE)) {
    if (!(await library.tastes.refreshTaste(id)))
      warn(
        `the marks of subscription ${id} changed while weights were made of them: its "For you" comes with a later digest`,
      );
  }
  return library.tastes.forYou();
}
