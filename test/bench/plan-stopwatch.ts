import type { Store } from "@paperboy/db";

/** Rank is ranking, composing and explaining. */
export type Part = "index" | "claim" | "match" | "rank" | "write";

/** Time of each part of a planning, and what it did to the process. */
export interface Stopwatch {
  readonly seconds: Record<Part, number>;
  time<Result>(part: Part, work: () => Promise<Result>): Promise<Result>;
  /** What is before the decision is the claim; what is behind it, the write. */
  pages(planPage: Store["planPage"]): Store["planPage"];
  stop(): {
    readonly rssMb: number;
    /** The longest time others had to wait for the thread; on a busy machine that is mostly the machine's. */
    readonly longestHoldMs: number;
    /** What the process computed in its longest turn, its garbage collector included. */
    readonly longestHoldCpuMs: number;
  };
}

const TICK_MS = 2;

export function createStopwatch(): Stopwatch {
  const seconds = { index: 0, claim: 0, match: 0, rank: 0, write: 0 };
  const holds = watchHolds();
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
    stop: holds.stop,
  };
}

/** Sees how long the thread was blocked between two ticks, by the clock and by what the process computed meanwhile. */
function watchHolds() {
  const most = { longestHoldMs: 0, longestHoldCpuMs: 0 };
  let at = performance.now();
  let cpu = process.cpuUsage();
  const tick = () => {
    const { user, system } = process.cpuUsage(cpu);
    most.longestHoldMs = Math.max(most.longestHoldMs, performance.now() - at - TICK_MS);
    most.longestHoldCpuMs = Math.max(most.longestHoldCpuMs, (user + system) / 1000);
    at = performance.now();
    cpu = process.cpuUsage();
  };
  const ticking = setInterval(tick, TICK_MS);
  return {
    stop: () => {
      tick();
      clearInterval(ticking);
      return { ...most, rssMb: process.resourceUsage().maxRSS / 1024 };
    },
  };
}
