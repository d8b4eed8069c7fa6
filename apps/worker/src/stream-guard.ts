import { classifyRefusal, domainOf, RELAY, type Trouble } from "@paperboy/core";
import type { ClaimedDelivery, Store } from "@paperboy/db";
import type { SendOutcome } from "./delivery-result.ts";

/** What watching a stream asks of the store. */
export interface GuardStore {
  readonly streams: Pick<Store["streams"], "pause" | "slowDown" | "speedUp">;
  readonly suppressions: Pick<Store["suppressions"], "add">;
}

/** Watches how mails end, and acts on what they say of the relay, of a destination, or of a reader. */
export interface StreamGuard {
  /** Aborted when sending has been paused, or the caller's own signal is. */
  readonly signal: AbortSignal;
  /** Why sending was paused here; null when it was not. */
  readonly pausedFor: () => string | null;
  note(outcome: SendOutcome, delivery: ClaimedDelivery): Promise<void>;
}

/** After so much trouble in a row sending pauses: one fault of ours must not be tried on every reader. */
const PATIENCE = 5;
/** Mails that go out before a stream that was slowed down becomes faster again. */
const RUN = 10;
/** Answers to mails that were under way together are one answer. */
const ONE_ANSWER_MS = 1_000;

/**
 * A circuit breaker (M. Nygard, "Release It!"). An address where nobody is, is suppressed; a relay that refuses us, asks
 * for patience or cannot be reached, again and again, pauses sending for all workers; a destination that asks for
 * patience is written to more slowly.
 *
 * @param slowed streams that were slow when the run began.
 */
export function createStreamGuard(
  store: GuardStore,
  options: {
    readonly now: () => Date;
    readonly signal?: AbortSignal | undefined;
    readonly slowed: Iterable<string>;
    readonly onPause: (reason: string, until: Date, deliveryId: string) => void;
  },
): StreamGuard {
  const stop = new AbortController();
  const slow = new Set(options.slowed);
  const runs = new Map<string, number>();
  const slowedAt = new Map<string, number>();
  let inRow = 0;
  let pausedFor: string | null = null;

  const pause = async (trouble: Trouble, response: string, delivery: ClaimedDelivery) => {
    if (++inRow !== PATIENCE) return;
    pausedFor = `${WORDS[trouble]}: ${response}`;
    stop.abort(); // first: other lanes go on while the database is asked
    slow.add(RELAY);
    const until = await store.streams.pause(RELAY, trouble, pausedFor, options.now());
    options.onPause(pausedFor, until, delivery.id);
  };
  const slowDown = async (key: string, response: string) => {
    slow.add(key);
    runs.set(key, 0);
    if (performance.now() - (slowedAt.get(key) ?? -ONE_ANSWER_MS) < ONE_ANSWER_MS) return;
    slowedAt.set(key, performance.now());
    await store.streams.slowDown(key, response, options.now());
  };
  const wentOut = async (key: string) => {
    if (!slow.has(key)) return;
    const run = (runs.get(key) ?? 0) + 1;
    runs.set(key, run % RUN);
    if (run === 1 || run === RUN) await store.streams.speedUp(key, options.now());
  };

  return {
    signal: options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal,
    pausedFor: () => pausedFor,
    note: async (outcome, delivery) => {
      const domain = domainOf(delivery.email);
      if (outcome.kind === "submitted") {
        inRow = 0;
        await wentOut(RELAY);
        await wentOut(domain);
      } else if (outcome.kind === "lost" && !outcome.dotted) {
        await pause("unreachable", outcome.error.message, delivery);
      } else if (outcome.kind === "refused") {
        const kind = classifyRefusal(outcome);
        if (kind === "recipient") {
          await store.suppressions.add(delivery.email, "bounce", outcome.response);
        }
        if (kind === "busy") await slowDown(isOfSession(outcome.phase) ? RELAY : domain, outcome.response);
        if (kind === "busy" || kind === "sender") {
          await pause(kind === "busy" ? "busy" : "refused", outcome.response, delivery);
        } else inRow = 0;
      }
    },
  };
}

const WORDS: Record<Trouble, string> = {
  refused: "the relay refuses us",
  busy: "the relay asks for patience",
  unreachable: "the relay cannot be reached",
};

/** Before RCPT an answer is about the session, from RCPT on about where the mail goes. */
const isOfSession = (phase: string) => phase === "connect" || phase === "auth" || phase === "mail";
