/** What an inbound mail says of a mail of ours. */
export interface BounceReport {
  /**
   * `hard`: the address will never work. `soft`: this mail did not get through, another may. `complaint`: the reader
   * called it spam. `unsubscribe`: the reader asks by mail to stop. `ignored`: understood, and nothing to do
   * (auto-replies, receipts). `unrecognised`: none of these.
   */
  readonly kind: BounceKind;
  /** A warning: the mail is still being tried, and nothing has failed yet. */
  readonly delayed: boolean;
  /** The addresses the kind is about, in lower case; empty when the mail hides them. */
  readonly recipients: readonly string[];
  /** RFC 3463 status, e.g. `5.1.1`; null when neither stated nor implied. */
  readonly status: string | null;
  /** One line for a person, e.g. `550 5.1.1 user unknown`. */
  readonly reason: string;
  /** The way it was understood. */
  readonly format: BounceFormat;
  /** Message-ID of the mail it is about, brackets included; null when it quotes none. */
  readonly originalMessageId: string | null;
  /** Every address that may be our return path, as it is written: a token in it may depend on case. */
  readonly deliveredTo: readonly string[];
  /** The token in the subject of a mail that asks to unsubscribe; unchecked, null for every other mail. */
  readonly unsubscribeToken: string | null;
  /** When the mail came, or when that happened which a mail service tells of; null when not said. */
  readonly at: Date | null;
}

export type BounceKind = "hard" | "soft" | "complaint" | "unsubscribe" | "ignored" | "unrecognised";
export type BounceFormat = "dsn" | "arf" | "text" | "none";

/** What one way of reading found; where the mail went to, and when, is the same for all of them. */
export type Reading = Pick<BounceReport, "kind" | "delayed" | "recipients" | "status" | "reason" | "format">;

/** Mail that is understood and asks for nothing. */
export function ignored(reason: string, format: BounceFormat = "text"): Reading {
  return { kind: "ignored", delayed: false, recipients: [], status: null, reason, format };
}

/** Mail that is none of our business, or nobody's. */
export function unrecognised(reason: string): Reading {
  return { kind: "unrecognised", delayed: false, recipients: [], status: null, reason, format: "none" };
}

/** A mail of which nothing can be said, not even where it went to. */
export function unreadable(reason: string): BounceReport {
  const about = { originalMessageId: null, deliveredTo: [], unsubscribeToken: null, at: null };
  return { ...unrecognised(reason), ...about };
}

const REASON_LENGTH = 240;

/** A reason is shown in tables and logs: printable, on one line, not too long. */
export function oneLine(text: string): string {
  const printable = text
    .slice(0, 4 * REASON_LENGTH)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, " ")
    .trim();
  return printable.length > REASON_LENGTH ? `${printable.slice(0, REASON_LENGTH - 1)}…` : printable;
}
