import { setImmediate } from "node:timers/promises";
import {
  createPaperIndex,
  type IndexOptions,
  type Paper,
  type Query,
  type SharedMatches,
} from "@paperboy/core";
import type { Store } from "../store/store.ts";

/** The index as it was at one instant. */
export interface HeldPapers {
  readonly highestSeq: number;
  /** What topics match of the papers that may be mailed as new. */
  readonly matches: SharedMatches;
  /** What topics match of these papers, mailed as new or not. */
  matchesAmong(ids: readonly number[]): SharedMatches;
  /** Lets the index change again; to be called once it is no longer used. */
  release(): void;
}

/** The newest papers an index holds; older ones leave it, so that its memory is bounded. */
const MAX_PAPERS = 50_000;
const PAGE = 2_000;
/** Papers join this long, then others get the thread. */
const SLICE_MS = 8;

/**
 * The newest announced papers in memory, as topics are matched against them.
 *
 * @param parse a topic's query; null for one that cannot be read.
 * @param changed is told when papers that were here already read differently.
 */
export function createPaperWindow(
  store: Pick<Store, "papers">,
  parse: (text: string) => Query | null,
  changed: () => void,
  options: IndexOptions = {},
) {
  const index = createPaperIndex(options);
  let changedUpTo = new Date(0);
  let refreshing: Promise<void> | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  /** How many plannings hold the index as it is. */
  let holders = 0;

  /** Does nothing while the index is held: what there is to add is found again by the next call. */
  async function keepUp(): Promise<void> {
    while (holders === 0) {
      const papers = await store.papers.announcedAfter(index.highestSeq, PAGE);
      await join(papers);
      if (papers.length < PAGE) break;
    }
    const { papers, gone, upTo } = await store.papers.changedSince(changedUpTo);
    if (papers.length > 0) changed();
    await join(papers);
    if (holders > 0) return;
    changedUpTo = upTo;
    index.remove(gone);
    if (index.size > MAX_PAPERS) index.remove(index.idsUpTo(index.highestSeq - MAX_PAPERS));
    index.prepare();
  }

  /** Adds papers some at a time, and others get the thread in between; stops when the index comes to be held. */
  async function join(papers: readonly Paper[]): Promise<void> {
    for (let at = 0; at < papers.length && holders === 0; await setImmediate()) {
      const sliceEnds = performance.now() + SLICE_MS;
      while (at < papers.length && performance.now() < sliceEnds) index.add([papers[at++] as Paper]);
    }
  }

  /** Lets papers announced or changed since the last call join. Calls at the same time share one pass. */
  const refresh = (): Promise<void> => {
    refreshedAt = performance.now();
    refreshing ??= keepUp().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };

  return {
    index,

    refresh,

    /** Refreshes when the last time is longer ago. */
    refreshWithin: async (milliseconds: number): Promise<void> => {
      if (performance.now() - refreshedAt > milliseconds) await refresh();
    },

    /** The papers as they are now, for a planning: nothing joins or leaves until each who holds them has let go. */
    hold: (): HeldPapers => {
      holders++;
      let held = true;
      return {
        highestSeq: index.highestSeq,
        matches: index.sharedMatches(parse),
        matchesAmong: (ids) => {
          const chosen = new Set(ids);
          return index.sharedMatches(parse, ({ id }) => chosen.has(id));
        },
        release: () => {
          if (held) holders--;
          held = false;
        },
      };
    },
  };
}
