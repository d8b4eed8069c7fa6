import { DAY_MS, warmUpLimit } from "@paperboy/core";
import type { LimiterOptions, LimiterStore } from "./limiter-options.ts";

/** Keeps the day's share of a sender who is warming up, counted over all workers; without a warm-up there is no limit. */
export function createWarmUp({ throttles }: LimiterStore, { warmUpFrom, now }: LimiterOptions) {
  const today = () => {
    const most = warmUpFrom === undefined ? null : warmUpLimit(warmUpFrom, now());
    const day = now().toISOString().slice(0, 10);
    return most === null ? null : { limit: { name: "warm-up", most, windowMs: 2 * DAY_MS }, day };
  };
  return {
    /** Acquires places for at most `want` mails; gives how many there are. */
    acquire: async (want: number): Promise<number> => {
      const share = today();
      return share === null ? want : throttles.acquire(share.limit, share.day, want, now());
    },

    release: async (unused: number): Promise<void> => {
      const share = today();
      if (share !== null) await throttles.release(share.limit, share.day, unused);
    },

    /** Whether the day's share is used up: nothing more goes out today. */
    isUsedUp: async (): Promise<boolean> => {
      const share = today();
      if (share === null) return false;
      const taken = await throttles.acquire(share.limit, share.day, 1, now());
      await throttles.release(share.limit, share.day, taken);
      return taken === 0;
    },
  };
}
