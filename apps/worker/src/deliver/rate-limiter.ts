import { domainOf, RELAY } from "@paperboy/core";
import { createConnectionShares } from "./connection-shares.ts";
import type { LimiterOptions, LimiterStore } from "./limiter-options.ts";
import { createSlots } from "./slots.ts";
import { createWarmUp } from "./warm-up.ts";

type Addressed = { readonly email: string };

/** Mails that may begin, each with its instant in milliseconds of `performance.now()`, and those that may not yet. */
export interface Paced<Mail> {
  readonly mails: readonly { readonly mail: Mail; readonly at: number }[];
  readonly tooEarly: readonly Mail[];
}

/** Keeps the paces of one run, in rows that all workers share. */
export type RateLimiter = ReturnType<typeof createRateLimiter>;

export function createRateLimiter(store: LimiterStore, options: LimiterOptions) {
  const slots = createSlots(store, options);
  const shares = createConnectionShares(store, options);
  const warmUp = createWarmUp(store, options);

  /** The slots of a domain; none while others hold all its connections. */
  const domainSlots = async (domain: string, want: number): Promise<number[]> => {
    if ((await shares.acquire(domain, want)) > 0) return slots.acquire(domain, want);
    slots.wait(domain);
    return [];
  };

  return {
    observe: slots.observe,
    waitingDomains: slots.waitingDomains,
    nextTurn: slots.nextTurn,
    isUsedUp: warmUp.isUsedUp,
    connections: shares.acquire,
    isFree: shares.isFree,
    during: shares.during,
    renew: shares.renew,
    close: shares.close,

    /** Acquires places for at most `want` mails to the relay, and gives when each may begin. */
    acquire: async (want: number): Promise<number[]> => {
      const allowed = await warmUp.acquire(want);
      const acquired = await slots.acquire(RELAY, allowed);
      await warmUp.release(allowed - acquired.length);
      return acquired;
    },

    /** Releases places that nobody needed. */
    release: async (unused: number): Promise<void> => {
      if (unused <= 0) return;
      await warmUp.release(unused);
      await slots.release(RELAY, unused);
    },

    /** Spreads claimed mails over the slots of the relay and of their domains. */
    spread: async <Mail extends Addressed>(mails: readonly Mail[], ofRelay: readonly number[]) => {
      const placed: { mail: Mail; at: number }[] = [];
      const tooEarly: Mail[] = [];
      for (const [domain, group] of byDomain(mails)) {
        const own = await domainSlots(domain, group.length);
        for (const [place, mail] of group.entries()) {
          const at = own[place];
          if (at === undefined) tooEarly.push(mail);
          else placed.push({ mail, at });
        }
      }
      placed.sort((a, b) => a.at - b.at);
      const timed = placed.map(({ mail, at }, place) => ({ mail, at: Math.max(at, ofRelay[place] ?? 0) }));
      return { mails: timed, tooEarly } satisfies Paced<Mail>;
    },
  };
}

function byDomain<Mail extends Addressed>(mails: readonly Mail[]): Map<string, Mail[]> {
  const groups = new Map<string, Mail[]>();
  for (const mail of mails) {
    const domain = domainOf(mail.email);
    groups.set(domain, [...(groups.get(domain) ?? []), mail]);
  }
  return groups;
}
