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

/** Where an event leads, and from which states; in every other state it cannot happen and changes nothing. */
export interface Transition {
  readonly from: readonly DeliveryStatus[];
  readonly to: DeliveryStatus;
}

/** The states in which the worker that holds a claim may learn an answer: also after its lease was taken from it. */
const ANSWERED = ["sending", "dotted", "unknown"] as const;

/**
 * The whole life of a delivery. Every statement of the store takes its states from here, and the diagram in
 * `docs/design.md` is drawn from it. A row begins as `pending`, or as `skipped` when there is nothing to mail.
 */
export const DELIVERY_EVENTS = {
  /** A worker takes it, with a new fence and a lease. */
  claim: { from: ["pending", "deferred"], to: "sending" },
  /** The worker releases it unsent. */
  release: { from: ["sending"], to: "pending" },
  /** The final dot is about to be sent. */
  dot: { from: ["sending"], to: "dotted" },
  /** The relay answered 2xx to the dot. */
  accept: { from: ["dotted", "unknown"], to: "submitted" },
  /** A refusal that is final. */
  refuse: { from: ANSWERED, to: "failed" },
  /** A refusal for now, or a fault: it is tried again later. */
  defer: { from: ANSWERED, to: "deferred" },
  /** Nothing may be mailed to the address, or the reader no longer wants it. */
  suppress: { from: ["sending"], to: "suppressed" },
  /** It was not sent in time: its papers come with the next edition. */
  lapse: { from: ANSWERED, to: "skipped" },
  /** The next edition is planned before it went out, and takes its papers over. */
  supersede: { from: ["pending", "deferred"], to: "skipped" },
  /** The lease ran out before the dot. */
  expire: { from: ["sending"], to: "pending" },
  /** The connection broke, or the lease ran out, after the dot: it is unknown whether it went out. */
  lose: { from: ["dotted"], to: "unknown" },
  /** The lease ran out after the dot, and the policy is to send again. */
  resend: { from: ["dotted"], to: "pending" },
  /** An operator says that it went out. */
  settleSent: { from: ["unknown"], to: "submitted" },
  /** An operator says to send it again. */
  settleRetry: { from: ["unknown"], to: "pending" },
  /** An operator says that it had gone out before the backup was restored that knows nothing of it. */
  restoreSent: { from: ["pending", "deferred", "sending", "dotted", "unknown"], to: "submitted" },
} as const satisfies Record<string, Transition>;

/** What can happen to a delivery. */
export type DeliveryEvent = keyof typeof DELIVERY_EVENTS;

/** The states from which a delivery continues by itself. The others are over, or wait for an operator (`unknown`). */
export const OPEN_STATUSES = ["pending", "sending", "dotted", "deferred"] as const satisfies DeliveryStatus[];

/** The states that are over for good: nothing leads out of them. */
export const FINAL_STATUSES: readonly DeliveryStatus[] = DELIVERY_STATUSES.filter((status) =>
  Object.values<Transition>(DELIVERY_EVENTS).every(({ from }) => !from.includes(status)),
);

/** The states in which the mail is, or may be, at its reader. */
export const MAY_HAVE_GONE_OUT = ["dotted", "submitted", "unknown"] as const satisfies DeliveryStatus[];

/** The states of a delivery that no relay has heard of: nothing can come back of it. */
export const NEVER_SENT = ["pending", "suppressed", "skipped"] as const satisfies DeliveryStatus[];

/** What happens to a delivery nobody can tell the fate of: wait for an operator, or send it again. */
export type UnknownPolicy = "hold" | "retry";
