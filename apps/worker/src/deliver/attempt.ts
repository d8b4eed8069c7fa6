import { isTooLate, MAX_LATENESS_MS, type Paper, type SendOutcome, type UnknownPolicy } from "@paperboy/core";
import type { Claim, ClaimedDelivery, DeliveryResult } from "@paperboy/db";
import { defer, giveUp, type ResultRules, resultOf } from "./outcome.ts";

/** Composes and sends the mail of a delivery; `beforeDot` must resolve before the final dot leaves. */
export interface Mailer {
  send(
    delivery: ClaimedDelivery,
    papers: ReadonlyMap<number, Paper>,
    beforeDot: () => Promise<void>,
  ): Promise<{ readonly messageId: string; readonly outcome: SendOutcome }>;
  /** How many mails can be under way at once. */
  readonly connections: number;
}

/** A delivery that is about to be sent. */
export interface Claimed extends ClaimedDelivery {
  /** Whether nothing may be mailed to the address. */
  readonly suppressed: boolean;
}

export interface AttemptOptions {
  readonly now: () => Date;
  readonly unknownPolicy: UnknownPolicy;
  readonly maxLatenessMs?: number;
  readonly onError?: (error: Error, deliveryId: string) => void;
}

/**
 * Makes one attempt at a mail, and gives how it ended; `fenced` when the claim was taken from this worker meanwhile.
 *
 * @param note told of what the relay said, before it is recorded.
 */
export async function attempt(
  delivery: Claimed,
  mailer: Mailer,
  papers: ReadonlyMap<number, Paper>,
  dot: (claim: Claim) => Promise<boolean>,
  options: AttemptOptions,
  note: (outcome: SendOutcome) => Promise<void>,
): Promise<DeliveryResult | "fenced"> {
  const rules: ResultRules = {
    now: options.now(),
    unknownPolicy: options.unknownPolicy,
    maxLatenessMs: options.maxLatenessMs ?? MAX_LATENESS_MS,
  };
  if (delivery.suppressed) return { event: "suppress", response: "the address is suppressed" };
  if (!delivery.wanted) return { event: "suppress", response: "no longer wanted" };
  if (delivery.overtaken) {
    return {
      event: "lapse",
      response: "an edition of a later date has gone out: its papers come with the next one",
    };
  }
  if (isTooLate(delivery.plannedAt, rules.now, rules.maxLatenessMs)) {
    return giveUp(delivery, "too late: it was planned too long ago");
  }
  const beforeDot = async () => {
    if (!(await dot(delivery))) throw new LeaseLost();
  };
  try {
    const { outcome, messageId } = await mailer.send(delivery, papers, beforeDot);
    if (outcome.kind === "aborted" && outcome.error instanceof LeaseLost) return "fenced";
    await note(outcome).catch((error: Error) => options.onError?.(error, delivery.id)); // the mail's end counts more
    return resultOf(outcome, messageId, delivery, { ...rules, now: options.now() });
  } catch (error) {
    options.onError?.(error as Error, delivery.id);
    return defer(delivery, `the mail could not be made: ${(error as Error).message}`, rules);
  }
}

/** The claim was taken from this worker while it composed: another one sends, or has sent, the mail. */
class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}
