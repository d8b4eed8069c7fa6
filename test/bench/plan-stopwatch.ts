import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Store } from "@paperboy/db";

/** Rank is ranking, composing and explaining. */
export type Part = "index" | "claim" | "match" | "rank" | "write";

/** Time of each part of a planning, and what it did to the process. */
export interface Stopwatch {
  readonly seconds: Record<Part, number>;
  time<Result>(part: Part, work: () => Promise<Result>): Promise<Result>;
  /** What is before the decision is the claim; what is behind it, the write. */
  pages(planPage: Store["planPage"]): Store["planPage"];
  stop(): { readonly rssMb: number; readonly longestHoldMs: number };
}

const RESOLUTION_MS = 2;

export function createStopwatch(): Stopwatch {
  const seconds = { index: 0, claim: 0, match: 0, rank: 0, write: 0 };
  let rss = process.memoryUsage.rss();
  const sampling = setInterval(() => {
    rss = Math.max(rss, process.memoryUsage.rss());
  }, 20);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const add = (part: Part, since: number) => {
    seconds[part] += (performance.now() - since) / 1000;
  };

  return {
    seconds,
    async time(part, work) {
      const since = performance.now();
      const result = await work();
      add(part, since);
      return result;
    },
    pages: (planPage) => async (page, decide) => {
      let since = performance.now();
      const outcome = await planPage(page, async (due) => {
        add("claim", since);
        const editions = await decide(due);
        since = performance.now();
        return editions;
      });
      add(outcome.due === 0 ? "claim" : "write", since);
      return outcome;
    },
    stop() {
      clearInterval(sampling);
      delay.disable();
      return { rssMb: rss / 2 ** 20, longestHoldMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS) };
    },
  };
}
