import type { Paper } from "@paperboy/core";
import type { Claim, ClaimedDelivery, Store } from "@paperboy/db";
import type { Claimed } from "./attempt.ts";
import type { RateLimiter } from "./rate-limiter.ts";

/** What claiming asks of the store. */
export interface ClaimStore {
  readonly deliveries: Pick<Store["deliveries"], "claim" | "release" | "renew">;
  readonly papers: Pick<Store["papers"], "byIds">;
  readonly suppressions: Pick<Store["suppressions"], "among">;
}

export interface ClaimOptions {
  readonly now: () => Date;
  readonly leaseSeconds: number;
  readonly ids?: readonly string[];
  /** The most mails that are claimed at once. */
  readonly atOnce: number;
}

/** A claimed mail and when it may begin, in milliseconds of `performance.now()`. */
export interface TimedMail {
  readonly mail: Claimed;
  readonly at: number;
}

/** The claims of one run, and the papers that stand in them. */
export function createClaims(store: ClaimStore, limiter: RateLimiter, options: ClaimOptions) {
  const { now, leaseSeconds, ids, atOnce } = options;
  const held = new Map<string, Claim>();
  const papers = new Map<number, Paper>();
  return {
    papers: papers as ReadonlyMap<number, Paper>,

    /** Claims as many mails as may begin soon; what may not is released at once. */
    next: async (): Promise<TimedMail[]> => {
      const slots = await limiter.acquire(atOnce);
      const exceptDomains = limiter.waitingDomains();
      const limit = slots.length;
      const batch = await store.deliveries.claim({ now: now(), limit, leaseSeconds, ids, exceptDomains });
      const { mails, tooEarly } = await limiter.spread(batch, slots);
      if (tooEarly.length > 0) await store.deliveries.release(tooEarly);
      await limiter.release(limit - mails.length);
      for (const { mail } of mails) held.set(mail.id, mail);
      await loadPapers(store, papers, batch);
      const suppressed = await suppressedAmong(
        store,
        mails.map(({ mail }) => mail),
      );
      return mails.map(({ mail, at }) => ({ at, mail: { ...mail, suppressed: suppressed.has(mail.id) } }));
    },

    /** Keeps the leases of what is held alive. */
    renew: (): Promise<void> => store.deliveries.renew([...held.values()], leaseSeconds),

    /** A mail is over: its lease need not be renewed any more. */
    forget: (id: string): void => void held.delete(id),

    /** Lets go of mails that were not begun. */
    release: (left: readonly TimedMail[]): Promise<void> =>
      store.deliveries.release(left.map(({ mail }) => mail)),
  };
}

/** A batch shares most of its papers with the one before, so they are read once and kept for the run. */
async function loadPapers(
  store: ClaimStore,
  papers: Map<number, Paper>,
  batch: readonly ClaimedDelivery[],
): Promise<void> {
  const ids = batch.flatMap(({ sections }) =>
    sections.flatMap((section) => section.papers.map(({ id }) => id)),
  );
  const missing = [...new Set(ids)].filter((id) => !papers.has(id));
  if (missing.length === 0) return;
  for (const paper of await store.papers.byIds(missing)) papers.set(paper.id, paper);
}

/** Ids of the mails whose addresses are suppressed. */
async function suppressedAmong(store: ClaimStore, mails: readonly ClaimedDelivery[]): Promise<Set<string>> {
  if (mails.length === 0) return new Set();
  const suppressed = await store.suppressions.among(mails.map(({ email }) => email));
  return new Set(mails.filter(({ email }) => suppressed.has(email)).map(({ id }) => id));
}
