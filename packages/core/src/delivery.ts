/**
 * The states of a delivery. `dotted` is committed before the final dot of the message can leave the machine,
 * so that after a crash we know which mails may have gone out (RFC 5321, section 4.1.1.4: after the dot the
 * receiver has taken responsibility or not, and only its reply tells).
 */
export const DELIVERY_STATUSES = [
  "pending",
  "sending",
  "dotted",
  "submitted",
  "deferred",
  "failed",
  "suppressed",
  "unknown",
  "skipped",
] as const;

export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** What can happen to a delivery. */
export type DeliveryEvent =
  | "claim" // a worker takes it, with a new fence and a lease
  | "dot" // about to send the final dot
  | "accept" // the relay answered 2xx after the dot
  | "refuse" // a permanent refusal
  | "defer" // a transient refusal or a fault before the dot
  | "suppress" // the reader no longer wants it, or nothing may be mailed to the address
  | "supersede" // too late, or the next edition takes its papers over
  | "expire" // the lease ran out
  | "lose" // the connection broke after the dot
  | "settle-sent" // an operator says it went out
  | "settle-retry"; // an operator, or the policy, says send it again

/** Where each event leads from each state; what is not here cannot happen and changes nothing. */
const TRANSITIONS: Record<DeliveryStatus, Partial<Record<DeliveryEvent, DeliveryStatus>>> = {
  pending: { claim: "sending", suppress: "suppressed", supersede: "skipped" },
  deferred: { claim: "sending", suppress: "suppressed", supersede: "skipped" },
  sending: {
    dot: "dotted",
    refuse: "failed",
    defer: "deferred",
    suppress: "suppressed",
    supersede: "skipped",
    expire: "pending",
  },
  dotted: {
    accept: "submitted",
    refuse: "failed",
    defer: "deferred",
    supersede: "skipped",
    lose: "unknown",
    expire: "unknown",
  },
  // The worker that sent the dot may learn the answer after its lease was taken from it: the answer is the truth.
  unknown: {
    accept: "submitted",
    refuse: "failed",
    defer: "deferred",
    supersede: "skipped",
    "settle-sent": "submitted",
    "settle-retry": "pending",
  },
  submitted: {},
  failed: {},
  suppressed: {},
  skipped: {},
};

/** The state an event leads to, or undefined when it cannot happen in this state. */
export function nextStatus(status: DeliveryStatus, event: DeliveryEvent): DeliveryStatus | undefined {
  return TRANSITIONS[status][event];
}

/** The states in which an event can happen; a store puts them into the `WHERE` of its update. */
export function statusesAllowing(event: DeliveryEvent): DeliveryStatus[] {
  return DELIVERY_STATUSES.filter((status) => TRANSITIONS[status][event] !== undefined);
}

/** True when nothing more will happen to the delivery by itself. */
export function isFinal(status: DeliveryStatus): boolean {
  return !["pending", "sending", "dotted", "deferred"].includes(status);
}

/** What happens to a delivery nobody can tell the fate of: wait for an operator, or send it again. */
export type UnknownPolicy = "hold" | "retry";

/** Minutes before each further attempt after a transient failure; RFC 5321, section 4.5.4.1 asks for growing gaps. */
const RETRY_MINUTES = [5, 15, 30, 60, 120, 240];

/** Three days: how long a mail is tried, and how late after its hour an edition may still come, unless told otherwise. */
export const MAX_LATENESS_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * When to try again after the `attempt`-th transient failure (1-based), or null to give up.
 *
 * @param spread a number in [0, 1) that scatters the retries of a burst over a tenth of the gap.
 */
export function retryAt(
  attempt: number,
  plannedAt: Date,
  now: Date,
  spread: number,
  maxLatenessMs = MAX_LATENESS_MS,
): Date | null {
  const minutes = RETRY_MINUTES[Math.min(attempt, RETRY_MINUTES.length) - 1] ?? RETRY_MINUTES[0];
  if (isTooLate(plannedAt, now, maxLatenessMs)) return null;
  return new Date(now.getTime() + (minutes as number) * 60_000 * (1 + spread / 10));
}

/** Whether what was due at an instant comes too late now: a restored backup must not mail last week. */
export const isTooLate = (dueAt: Date, now: Date, maxLatenessMs = MAX_LATENESS_MS): boolean =>
  now.getTime() - dueAt.getTime() >= maxLatenessMs;
