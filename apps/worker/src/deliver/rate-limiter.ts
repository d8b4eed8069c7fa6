import { DAY_MS, domainOf, type Paces, RELAY, warmUpLimit } from "@paperboy/core";
import type { DestinationView, Store } from "@paperboy/db";

/** What keeping the paces asks of the store. */
export interface LimiterStore {
  readonly destinations: Pick<
    Store["destinations"],
    "acquireSlots" | "releaseSlots" | "acquireConnections" | "releaseConnections"
  >;
  readonly throttles: Pick<Store["throttles"], "acquire" | "release">;
}

export interface LimiterOptions {
  /** Names this run among all workers; a UUID. */
  readonly holder: string;
  readonly paces: Paces;
  /** The first day of a warm-up, ISO 8601; none when absent. */
  readonly warmUpFrom: string | undefined;
  readonly leaseSeconds: number;
  readonly now: () => Date;
}

/** Slots are taken so far ahead; what would begin later is left to be claimed again. */
const HORIZON_MS = 1_000;

type Addressed = { readonly email: string };

/** Mails that may begin, each with its instant in milliseconds of `performance.now()`, and those that may not yet. */
export interface Paced<Mail> {
  readonly mails: readonly { readonly mail: Mail; readonly at: number }[];
  readonly tooEarly: readonly Mail[];
}

/** Keeps the paces of one run, in rows that all workers share. */
export type RateLimiter = ReturnType<typeof createRateLimiter>;

export function createRateLimiter(store: LimiterStore, options: LimiterOptions) {
  let gaps = new Map<string, number>();
  /** Until when domains are not worth claiming for, in milliseconds of `performance.now()`. */
  const waiting = new Map<string, number>();
  /** Connections this run holds of those that are shared, and how many of them are in use. */
  const shares = new Map<string, { held: number; inUse: number }>();
  const paceOf = (key: string) => options.paces.get(key) ?? { gapMs: null, connections: null };
  const gapOf = (key: string) => Math.max(paceOf(key).gapMs ?? 0, gaps.get(key) ?? 0);

  const acquireSlots = async (key: string, want: number) => {
    const asked = performance.now();
    const gapMs = gapOf(key);
    if (gapMs === 0 || want === 0) return Array.from({ length: want }, () => 0);
    const { granted, inMs } = await store.destinations.acquireSlots({
      key,
      want,
      gapMs,
      horizonMs: HORIZON_MS,
    });
    // The relay's own turn matters only while nothing at all may begin: fewer mails than slots are all there are.
    if (granted < (key === RELAY ? 1 : want))
      waiting.set(key, asked + inMs + granted * gapMs - HORIZON_MS + 1);
    else waiting.delete(key);
    return Array.from({ length: granted }, (_, place) => asked + inMs + place * gapMs);
  };

  /** Takes this run's share of a destination's connections, out of those all workers have; `want` where there is no limit. */
  const connections = async (key: string, want: number): Promise<number> => {
    const most = paceOf(key).connections;
    if (most === null) return want;
    const known = shares.get(key);
    if (known !== undefined) return known.held;
    const { holder, leaseSeconds } = options;
    const held = await store.destinations.acquireConnections(key, holder, { want, most, leaseSeconds });
    if (held > 0) shares.set(key, { held, inUse: 0 });
    return held;
  };

  /** The slots of a domain; none while others hold all its connections. */
  const domainSlots = async (domain: string, want: number): Promise<number[]> => {
    if ((await connections(domain, want)) > 0) return acquireSlots(domain, want);
    waiting.set(domain, performance.now() + HORIZON_MS);
    return [];
  };

  const warmUp = () => {
    const most = options.warmUpFrom === undefined ? null : warmUpLimit(options.warmUpFrom, options.now());
    const day = options.now().toISOString().slice(0, 10);
    return most === null ? null : { limit: { name: "warm-up", most, windowMs: 2 * DAY_MS }, day };
  };

  return {
    /** Takes note of gaps that the other side asked for. */
    observe: (destinations: readonly DestinationView[]): void => {
      gaps = new Map(destinations.map(({ key, gapMs }) => [key, gapMs]));
    },

    /** Acquires places for at most `want` mails to the relay, and gives when each may begin. */
    acquire: async (want: number): Promise<number[]> => {
      const day = warmUp();
      const allowed =
        day === null ? want : await store.throttles.acquire(day.limit, day.day, want, options.now());
      const slots = await acquireSlots(RELAY, allowed);
      if (day !== null) await store.throttles.release(day.limit, day.day, allowed - slots.length);
      return slots;
    },

    /** Releases places that nobody needed. */
    release: async (unused: number): Promise<void> => {
      if (unused <= 0) return;
      const day = warmUp();
      if (day !== null) await store.throttles.release(day.limit, day.day, unused);
      if (gapOf(RELAY) > 0) await store.destinations.releaseSlots(RELAY, unused, gapOf(RELAY));
    },

    /** Whether the day's share of a warm-up is used up: nothing more goes out today. */
    isUsedUp: async (): Promise<boolean> => {
      const day = warmUp();
      if (day === null) return false;
      const taken = await store.throttles.acquire(day.limit, day.day, 1, options.now());
      await store.throttles.release(day.limit, day.day, taken);
      return taken === 0;
    },

    /** Spreads claimed mails over the slots of the relay and of their domains. */
    spread: async <Mail extends Addressed>(mails: readonly Mail[], slots: readonly number[]) => {
      const byDomain = new Map<string, Mail[]>();
      for (const mail of mails) {
        const domain = domainOf(mail.email);
        byDomain.set(domain, [...(byDomain.get(domain) ?? []), mail]);
      }
      const placed: { mail: Mail; at: number }[] = [];
      const tooEarly: Mail[] = [];
      for (const [domain, group] of byDomain) {
        const own = await domainSlots(domain, group.length);
        for (const [place, mail] of group.entries()) {
          const at = own[place];
          if (at === undefined) tooEarly.push(mail);
          else placed.push({ mail, at });
        }
      }
      placed.sort((a, b) => a.at - b.at);
      const timed = placed.map(({ mail, at }, place) => ({ mail, at: Math.max(at, slots[place] ?? 0) }));
      return { mails: timed, tooEarly } satisfies Paced<Mail>;
    },

    /** Domains whose turn has not come. */
    waitingDomains: (): string[] => {
      for (const [key, until] of waiting) if (until <= performance.now()) waiting.delete(key);
      return [...waiting.keys()].filter((key) => key !== RELAY);
    },

    /** When the first of what waits may be claimed for; null when nothing waits. */
    nextTurn: (): number | null => (waiting.size === 0 ? null : Math.min(...waiting.values())),

    connections,

    /** Whether one more mail to this address may be under way. */
    isFree: ({ email }: Addressed): boolean => {
      const share = shares.get(domainOf(email));
      return share === undefined || share.inUse < share.held;
    },

    /** Counts a mail that is under way. */
    during: async ({ email }: Addressed, work: () => Promise<void>): Promise<void> => {
      const share = shares.get(domainOf(email));
      if (share !== undefined) share.inUse++;
      await work().finally(() => {
        if (share !== undefined) share.inUse--;
      });
    },

    /** Keeps the shares of this run. */
    renew: async (): Promise<void> => {
      const { holder, leaseSeconds } = options;
      for (const [key, { held }] of shares) {
        const most = paceOf(key).connections as number;
        await store.destinations.acquireConnections(key, holder, { want: held, most, leaseSeconds });
      }
    },

    close: async (): Promise<void> => {
      if (shares.size > 0) await store.destinations.releaseConnections(options.holder);
    },
  };
}
