import { type DeliveryStatus, localDate, RELAY } from "@paperboy/core";
import type { DeliveryStory } from "@paperboy/db";
import { type EditionStory, editionOn, type ReaderFacts, type UnjudgedFacts } from "./story.ts";

/** In a word and in sentences, why a reader got what they got. */
export interface Verdict {
  /** The state of the edition's delivery, or why there is none. */
  readonly outcome:
    | DeliveryStatus
    | "unconfirmed"
    | "unsubscribed"
    | "paused"
    | "not-due"
    | "not-planned"
    | "no-edition";
  readonly says: readonly string[];
}

/** Judges what is known: the edition first, then what else keeps mails from this reader. */
export function verdictOf(facts: UnjudgedFacts, now: Date): Verdict {
  const { edition } = facts;
  const { outcome, says } =
    edition?.delivery != null ? ofDelivery(edition.delivery, edition) : ofNoDelivery(facts, now);
  const standing = [...standingReasons(facts, now)];
  return { outcome, says: [...says, ...standing.filter((line) => !says.includes(line))] };
}

function ofDelivery(delivery: DeliveryStory, { date }: EditionStory): Verdict {
  const { status, response, bounces } = delivery;
  const came = bounces.map(
    ({ kind, status: code, reason }) =>
      `The mail came back (${kind}${code === null ? "" : ` ${code}`}): ${reason}`,
  );
  return {
    outcome: status,
    says: [`The edition of ${date} ${WORDS[status](delivery, response ?? "")}`, ...came],
  };
}

const at = (instant: Date | null) => instant?.toISOString() ?? "an instant that is not known";

const WORDS: Readonly<Record<DeliveryStatus, (delivery: DeliveryStory, said: string) => string>> = {
  pending: ({ claims }) =>
    claims === 0
      ? "is planned and waits for a worker."
      : "was released by a worker unsent and waits for another one.",
  sending: ({ leaseExpiresAt }) => `is being sent by a worker, whose lease ends at ${at(leaseExpiresAt)}.`,
  dotted: () => "is being sent: its last byte may have gone out, and the relay has not answered yet.",
  submitted: ({ submittedAt }, said) => `was submitted at ${at(submittedAt)}: ${said}`,
  deferred: ({ nextAttemptAt }, said) =>
    `was deferred; the next attempt is due at ${at(nextAttemptAt)}: ${said}`,
  failed: (_delivery, said) => `failed for good: ${said}`,
  suppressed: (_delivery, said) => `was planned and not mailed: ${said}.`,
  unknown: (_delivery, said) =>
    `may have gone out, and nobody knows: ${said}. Settle it: paperboy deliveries settle ID --as submitted|pending`,
  skipped: (_delivery, said) => `was not mailed: ${said}.`,
};

/** An edition that is no row: it is not due yet, or never comes. */
function ofNoDelivery(facts: UnjudgedFacts, now: Date): Verdict {
  const { status, edition, order, confirmedAt, pausedUntil, next, editions } = facts;
  if (status === "pending") return { outcome: "unconfirmed", says: [unconfirmed(facts)] };
  if (edition === null || status === "unsubscribed")
    return { outcome: "unsubscribed", says: [unsubscribed(facts)] };
  const { date } = edition;
  if (edition.plannedAt !== null)
    return {
      outcome: "no-edition",
      says: [
        `The edition of ${date} was planned at ${at(edition.plannedAt)}; what became of it is no longer kept.`,
      ],
    };
  const due = editionOn(order, date);
  if (due === null)
    return {
      outcome: "no-edition",
      says: [`No edition comes on ${date}: the subscription is ${cadenceOf(facts)}.`],
    };
  if (confirmedAt !== null && confirmedAt >= due.dueAt)
    return {
      outcome: "no-edition",
      says: [
        `No edition of ${date}: the subscription was confirmed at ${at(confirmedAt)}, and it was due at ${at(due.dueAt)}.`,
      ],
    };
  if (pausedUntil !== null && date < pausedUntil) return { outcome: "paused", says: [paused(pausedUntil)] };
  if (next !== null && date >= next.date) {
    const dueAt = date === next.date ? next.dueAt : due.dueAt;
    if (dueAt > now)
      return { outcome: "not-due", says: [`The edition of ${date} is not due before ${at(dueAt)}.`] };
    return {
      outcome: "not-planned",
      says: [
        `The edition of ${date} has been due since ${at(dueAt)} and is not planned: the service plans within a minute, so see whether it runs.`,
      ],
    };
  }
  const later = editions.find((each) => each.date > date);
  return {
    outcome: "no-edition",
    says: [
      later === undefined
        ? `No edition of ${date} is kept.`
        : `No edition of ${date} was planned; what was new came with the edition of ${later.date}, as after a pause or an outage.`,
    ],
  };
}

/** What keeps mails from a reader whatever becomes of one edition. */
function* standingReasons(facts: ReaderFacts, now: Date): Generator<string> {
  const { status, suppressed, pausedUntil, order, sending, next, edition } = facts;
  if (suppressed !== null) {
    const why = [suppressed.reason, suppressed.detail].filter((part) => part !== null).join(": ");
    yield `Nothing may be mailed to this address since ${at(suppressed.createdAt)} (${why}). An operator may allow it again in /admin.`;
  }
  if (status === "pending") yield unconfirmed(facts);
  if (status === "unsubscribed") yield unsubscribed(facts);
  if (status === "active" && pausedUntil !== null && pausedUntil > localDate(now, order.timezone))
    yield paused(pausedUntil);
  for (const { key, pausedUntil: until, reason } of sending)
    if (until !== null)
      yield `Sending to ${key === RELAY ? "the relay" : key} is paused until ${at(until)}: ${reason ?? ""}`;
  if (next !== null && next.date !== edition?.date)
    yield `The next edition, of ${next.date}, ${next.dueAt > now ? "is due at" : "has been due since"} ${at(next.dueAt)}.`;
}

function unconfirmed({ createdAt, confirmation }: ReaderFacts): string {
  const asked = `The subscription was asked for at ${at(createdAt)} and is not confirmed: nothing else is mailed before it is.`;
  if (confirmation === null) return `${asked} No mail that asks to confirm it is kept.`;
  const { status, response, submittedAt } = confirmation;
  const said = response === null ? "" : `: ${response}`;
  return `${asked} The mail that asks to confirm it: ${status}${submittedAt === null ? "" : ` at ${at(submittedAt)}`}${said}`;
}

const unsubscribed = ({ unsubscribedAt }: ReaderFacts): string =>
  `The reader unsubscribed at ${at(unsubscribedAt)}: nothing is planned for them.`;

const paused = (until: string): string =>
  `The reader has paused the subscription: no edition comes before ${until}; what is new meanwhile comes with the first one.`;

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const cadenceOf = ({ order: { cadence, weekday } }: ReaderFacts): string =>
  cadence === "weekly"
    ? `weekly, on ${WEEKDAYS[weekday - 1]}`
    : cadence === "weekdays"
      ? "for weekdays"
      : cadence;
