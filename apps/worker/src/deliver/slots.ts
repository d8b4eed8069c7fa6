import { RELAY } from "@paperboy/core";
import type { DestinationView } from "@paperboy/db";
import type { LimiterOptions, LimiterStore } from "./limiter-options.ts";

/** Slots are taken so far ahead; what would begin later is left to be claimed again. */
const HORIZON_MS = 1_000;

/** The instants at which mails may begin, in rows that all workers share; in milliseconds of `performance.now()`. */
export function createSlots({ destinations }: LimiterStore, { paces }: Pick<LimiterOptions, "paces">) {
  let gaps = new Map<string, number>();
  /** Until when destinations are not worth claiming for. */
  const waiting = new Map<string, number>();
  const gapOf = (key: string) => Math.max(paces.get(key)?.gapMs ?? 0, gaps.get(key) ?? 0);
  return {
    /** Takes note of gaps that the other side asked for. */
    observe: (views: readonly DestinationView[]): void => {
      gaps = new Map(views.map(({ key, gapMs }) => [key, gapMs]));
    },

    /** Acquires slots for at most `want` mails; at once where there is no gap to keep. */
    acquire: async (key: string, want: number): Promise<number[]> => {
      const asked = performance.now();
      const gapMs = gapOf(key);
      if (gapMs === 0 || want === 0) return Array.from({ length: want }, () => 0);
      const { granted, inMs } = await destinations.acquireSlots({ key, want, gapMs, horizonMs: HORIZON_MS });
      // The relay's own turn matters only while nothing at all may begin: fewer mails than slots are all there are.
      if (granted < (key === RELAY ? 1 : want))
        waiting.set(key, asked + inMs + granted * gapMs - HORIZON_MS + 1);
      else waiting.delete(key);
      return Array.from({ length: granted }, (_, place) => asked + inMs + place * gapMs);
    },

    release: async (key: string, unused: number): Promise<void> => {
      if (gapOf(key) > 0) await destinations.releaseSlots(key, unused, gapOf(key));
    },

    /** Leaves a destination alone for a while, as others hold all its connections. */
    wait: (key: string): void => {
      waiting.set(key, performance.now() + HORIZON_MS);
    },

    /** Domains whose turn has not come. */
    waitingDomains: (): string[] => {
      for (const [key, until] of waiting) if (until <= performance.now()) waiting.delete(key);
      return [...waiting.keys()].filter((key) => key !== RELAY);
    },

    /** When the first of what waits may be claimed for; null when nothing waits. */
    nextTurn: (): number | null => (waiting.size === 0 ? null : Math.min(...waiting.values())),
  };
}
