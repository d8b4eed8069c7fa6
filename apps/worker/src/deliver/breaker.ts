import {
  CONSEQUENCES,
  domainOf,
  RELAY,
  type SendOutcome,
  type SmtpPhase,
  type Trouble,
} from "@paperboy/core";
import type { ClaimedDelivery, Store } from "@paperboy/db";

/** What the circuit breaker asks of the store. */
export interface BreakerStore {
  readonly destinations: Pick<Store["destinations"], "pause" | "slowDown" | "speedUp">;
  readonly suppressions: Pick<Store["suppressions"], "add">;
}

/** Watches how mails end, and acts on what that says of the relay, of a destination, or of a reader. */
export interface Breaker {
  /** Aborted when sending has been paused, or the caller's own signal is. */
  readonly signal: AbortSignal;
  /** Why the breaker opened here; null when it did not. */
  readonly openedFor: () => string | null;
  /** How many mails may be under way: few, until the relay has answered one of this run without trouble. */
  readonly mostAtOnce: () => number;
  note(outcome: SendOutcome, delivery: ClaimedDelivery): Promise<void>;
}

/** After so many failures in a row the breaker opens: one fault of ours must not be tried on every reader. */
const FAILURES = 5;
/** Mails that go out before a destination that was slowed down is written to faster again. */
const RUN = 10;
/** Answers to mails that were under way together are one answer. */
const ONE_ANSWER_MS = 1_000;

/**
 * A circuit breaker (M. Nygard, "Release It!"). An address where nobody is, is suppressed; a relay that refuses us, throttles
 * us or cannot be reached, again and again, pauses sending for all workers; a destination that throttles us is written to
 * more slowly.
 *
 * @param slowed keys of what was written to slowly when the run began: the relay's, or domains.
 */
export function createBreaker(
  store: BreakerStore,
  options: {
    readonly now: () => Date;
    readonly signal?: AbortSignal | undefined;
    readonly slowed: Iterable<string>;
    readonly onPause: (reason: string, until: Date, deliveryId: string) => void;
  },
): Breaker {
  const stop = new AbortController();
  const slow = new Set(options.slowed);
  const runs = new Map<string, number>();
  const slowedAt = new Map<string, number>();
  let inRow = 0;
  let isTrusted = false;
  let openedFor: string | null = null;

  const fail = async (trouble: Trouble, response: string, delivery: ClaimedDelivery) => {
    if (++inRow !== FAILURES) return;
    openedFor = `${WORDS[trouble]}: ${response}`;
    stop.abort(); // first: other workers of the pool continue while the database is asked
    slow.add(RELAY);
    const until = await store.destinations.pause(RELAY, trouble, openedFor, options.now());
    options.onPause(openedFor, until, delivery.id);
  };
  const slowDown = async (key: string, response: string) => {
    slow.add(key);
    runs.set(key, 0);
    if (performance.now() - (slowedAt.get(key) ?? -ONE_ANSWER_MS) < ONE_ANSWER_MS) return;
    slowedAt.set(key, performance.now());
    await store.destinations.slowDown(key, response, options.now());
  };
  const trust = () => {
    inRow = 0;
    isTrusted = true;
  };
  const wentOut = async (key: string) => {
    if (!slow.has(key)) return;
    const run = (runs.get(key) ?? 0) + 1;
    runs.set(key, run % RUN);
    if (run === 1 || run === RUN) await store.destinations.speedUp(key, options.now());
  };

  return {
    signal: options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal,
    openedFor: () => openedFor,
    mostAtOnce: () => (isTrusted ? Number.POSITIVE_INFINITY : FAILURES),
    note: async (outcome, delivery) => {
      const domain = domainOf(delivery.email);
      if (outcome.kind === "submitted") {
        trust();
        await wentOut(RELAY);
        await wentOut(domain);
      } else if (outcome.kind === "lost" && !outcome.dotted) {
        await fail("unreachable", outcome.error.message, delivery);
      } else if (outcome.kind === "refused") {
        const { response, phase } = outcome;
        const { suppresses, throttles, trouble } = CONSEQUENCES[outcome.class];
        if (suppresses) await store.suppressions.add(delivery.email, "bounce", response);
        if (throttles) await slowDown(isOfSession(phase) ? RELAY : domain, response);
        if (trouble === null) trust();
        else await fail(trouble, response, delivery);
      }
    },
  };
}

const WORDS: Record<Trouble, string> = {
  refused: "the relay refuses us",
  busy: "the relay throttles",
  unreachable: "the relay cannot be reached",
};

/** Before RCPT an answer is about the session, from RCPT on about where the mail goes. */
const isOfSession = (phase: SmtpPhase) => phase === "connect" || phase === "auth" || phase === "mail";
