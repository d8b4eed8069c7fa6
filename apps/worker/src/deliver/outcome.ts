import {
  CONSEQUENCES,
  DELIVERY_EVENTS,
  type RefusalClass,
  retryAt,
  type SendOutcome,
  type UnknownPolicy,
} from "@paperboy/core";
import type { ClaimedDelivery, DeliveryResult } from "@paperboy/db";

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
      return refused(outcome, delivery, rules);
    case "lost": {
      if (!outcome.dotted) return defer(delivery, outcome.error.message, rules);
      return lose(delivery, `the connection broke after the final dot: ${outcome.error.message}`, rules);
    }
    case "aborted":
      return defer(delivery, outcome.error.message, rules);
  }
}

/** Only what is about the reader or this mail ends it; what is about us or the hour is tried again. */
function refused(
  { class: kind, response }: { readonly class: RefusalClass; readonly response: string },
  delivery: ClaimedDelivery,
  rules: ResultRules,
): DeliveryResult {
  switch (CONSEQUENCES[kind].event) {
    case "refuse":
      return { event: "refuse", response };
    case "lose":
      return lose(delivery, `what came after the final dot is no reply: ${response}`, rules);
    case "defer":
      return defer(delivery, kind === "sender" ? `the relay refuses us: ${response}` : response, rules);
  }
}

/** Nobody knows whether the mail went out: the policy says whether it is sent again. */
function lose(delivery: ClaimedDelivery, response: string, rules: ResultRules): DeliveryResult {
  return rules.unknownPolicy === "retry"
    ? defer(delivery, response, rules, true)
    : { event: "lose", response };
}

/** Tries again later, or gives up. */
export function defer(
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
  const event = delivery.kind === "digest" && !mayBeThere ? "lapse" : "refuse";
  return { event, response: mayBeThere ? `${response} (an earlier copy may have gone out)` : response };
}

/** How an attempt ended: the status that the table of events gives, or `fenced` when its claim had been taken from the worker. */
export const outcomeOf = (result: DeliveryResult | "fenced") =>
  result === "fenced" ? result : DELIVERY_EVENTS[result.event].to;
