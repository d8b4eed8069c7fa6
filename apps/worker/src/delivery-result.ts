import { classifyRefusal, type Refusal5321, retryAt, type UnknownPolicy } from "@paperboy/core";
import type { ClaimedDelivery, DeliveryResult } from "@paperboy/db";

/** How sending one mail ended; the mail package classifies, this stage records. */
export type SendOutcome =
  | { readonly kind: "submitted"; readonly response: string }
  | ({ readonly kind: "refused"; readonly response: string } & Refusal5321)
  | { readonly kind: "lost"; readonly dotted: boolean; readonly error: Error }
  | { readonly kind: "aborted"; readonly error: Error };

/** What decides what becomes of a mail that did not go out. */
export interface ResultRules {
  readonly now: Date;
  /** What becomes of a mail whose connection broke after the final dot. */
  readonly unknownPolicy: UnknownPolicy;
  /** A mail is tried no longer than this after it was planned. */
  readonly maxLatenessMs: number;
}

/** The end of an attempt, as its row records it. */
export function resultOf(
  outcome: SendOutcome,
  messageId: string,
  delivery: ClaimedDelivery,
  rules: ResultRules,
): DeliveryResult {
  switch (outcome.kind) {
    case "submitted":
      return { event: "accept", response: outcome.response, messageId };
    case "refused":
      return refusalOf(outcome, delivery, rules);
    case "lost": {
      if (!outcome.dotted) return putOff(delivery, outcome.error.message, rules);
      const response = `the connection broke after the final dot: ${outcome.error.message}`;
      return rules.unknownPolicy === "retry"
        ? putOff(delivery, response, rules, true)
        : { event: "lose", response };
    }
    case "aborted":
      return putOff(delivery, outcome.error.message, rules);
  }
}

/** Only what is about the reader or this mail ends it; what is about us or the hour is tried again. */
function refusalOf(
  outcome: Refusal5321 & { readonly response: string },
  delivery: ClaimedDelivery,
  rules: ResultRules,
): DeliveryResult {
  const kind = classifyRefusal(outcome);
  const { response } = outcome;
  if (kind === "recipient" || kind === "message") return { event: "refuse", response };
  return putOff(delivery, kind === "sender" ? `the relay refuses us: ${response}` : response, rules);
}

/** Tries again later, or gives up. */
export function putOff(
  delivery: ClaimedDelivery,
  response: string,
  { now, maxLatenessMs }: ResultRules,
  uncertain = false,
): DeliveryResult {
  const nextAttemptAt = retryAt(delivery.attempts + 1, delivery.plannedAt, now, Math.random(), maxLatenessMs);
  if (nextAttemptAt !== null) return { event: "defer", response, nextAttemptAt, uncertain };
  return giveUp(delivery, `given up: ${response}`, uncertain);
}

/**
 * Ends a mail that was not sent in time. A digest owes its papers to the next edition, unless an attempt may have gone out:
 * the reader may have them then.
 */
export function giveUp(delivery: ClaimedDelivery, response: string, uncertain = false): DeliveryResult {
  const mayBeThere = uncertain || delivery.uncertain;
  const event = delivery.kind === "digest" && !mayBeThere ? "supersede" : "refuse";
  return { event, response: mayBeThere ? `${response} (an earlier copy may have gone out)` : response };
}
