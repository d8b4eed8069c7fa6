import { domainOf } from "@paperboy/core";
import type { LimiterOptions, LimiterStore } from "./limiter-options.ts";

/** This run's shares of the connections that a destination allows to all workers together. */
export function createConnectionShares({ destinations }: LimiterStore, options: LimiterOptions) {
  const { holder, leaseSeconds, paces } = options;
  /** Connections this run holds of those that are shared, and how many of them are in use. */
  const shares = new Map<string, { held: number; inUse: number }>();
  return {
    /** Acquires this run's share of a destination's connections; `want` where there is no limit. */
    acquire: async (key: string, want: number): Promise<number> => {
      const most = paces.get(key)?.connections ?? null;
      if (most === null) return want;
      const known = shares.get(key);
      if (known !== undefined) return known.held;
      const held = await destinations.acquireConnections(key, holder, { want, most, leaseSeconds });
      if (held > 0) shares.set(key, { held, inUse: 0 });
      return held;
    },

    /** Whether one more mail to this address may be under way. */
    isFree: ({ email }: { readonly email: string }): boolean => {
      const share = shares.get(domainOf(email));
      return share === undefined || share.inUse < share.held;
    },

    /** Counts a mail that is under way. */
    during: async ({ email }: { readonly email: string }, work: () => Promise<void>): Promise<void> => {
      const share = shares.get(domainOf(email));
      if (share !== undefined) share.inUse++;
      await work().finally(() => {
        if (share !== undefined) share.inUse--;
      });
    },

    /** Keeps the shares of this run. */
    renew: async (): Promise<void> => {
      for (const [key, { held }] of shares) {
        const most = paces.get(key)?.connections as number;
        await destinations.acquireConnections(key, holder, { want: held, most, leaseSeconds });
      }
    },

    close: async (): Promise<void> => {
      if (shares.size > 0) await destinations.releaseConnections(holder);
    },
  };
}
