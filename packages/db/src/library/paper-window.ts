import {
  createPaperIndex,
  type IndexOptions,
  type Paper,
  type Query,
  type SharedMatches,
} from "@paperboy/core";
import type { WindowAnswer } from "../search/newest-matches.ts";
import type { Store } from "../store/store.ts";
import { inSlices } from "./in-slices.ts";

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

/** The newest papers in memory, and how they are kept up. */
export type PaperWindow = ReturnType<typeof createPaperWindow>;

/** The newest papers an index holds; older ones leave it, so that its memory is bounded. */
const MAX_PAPERS = 50_000;
const PAGE = 2_000;
/**
 * What a query may cost that is answered here, in the units of `QUERY_BUDGET`: some 25 ms in which nothing else has the thread.
 * Postgres evaluates what costs more.
 */
const ANSWERED_WORK = 250_000;

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
      await inSlices(join(papers));
      if (papers.length < PAGE) break;
    }
    const { papers, gone, upTo } = await store.papers.changedSince(changedUpTo);
    if (papers.length > 0) changed();
    await inSlices(join(papers));
    if (holders > 0) return;
    changedUpTo = upTo;
    index.remove(gone);
    if (index.size > MAX_PAPERS) index.remove(index.idsUpTo(index.highestSeq - MAX_PAPERS));
    index.prepare();
  }

  /** Adds papers; stops when the index comes to be held. */
  function* join(papers: readonly Paper[]): Generator<void, void> {
    for (const paper of papers) {
      if (holders > 0) return;
      index.add([paper]);
      yield;
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

    /**
     * What the index answers to a query for all papers it has seen; null when it is empty, as in a process that never asked for
     * papers, or when the query costs too much to be answered in between.
     */
    answer: (query: Query): WindowAnswer | null => {
      if (index.size === 0 || index.workOf(query) > ANSWERED_WORK) return null;
      const from = Math.max(0, index.highestSeq - MAX_PAPERS);
      const answer = index.answer(query);
      const papers = from === 0 ? answer.papers : answer.papers.filter(({ seq }) => seq > from);
      return { from, to: index.highestSeq, answer: { ...answer, papers } };
    },

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
