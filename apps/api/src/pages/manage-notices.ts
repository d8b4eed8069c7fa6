import type { Request } from "express";

/** What the page of a subscription says after something was done; it comes back by name in the address. */
const NOTICES = {
  saved: "Saved. The next digest follows it.",
  resumed: "Welcome back. The digests come again.",
  unsubscribed: "Stopped. Nothing will come any more.",
  paused: "Paused. What is new meanwhile comes with the first digest after it.",
  unpaused: "The pause is over.",
  sending: "Today’s digest is being made. It is in your inbox in a minute, if there is anything new for you.",
  sent: "Today’s digest has gone out already; the next one comes as ordered.",
  unmarked: "The mark is gone. The next digest follows it.",
  reworded: "Your words are changed. The next digest follows them.",
  startedAgain: "Your marks and words are gone. Nothing is chosen by them any more.",
  marked: "Your papers are marked. The next digest follows them.",
} as const;

export type Notice = keyof typeof NOTICES;

/** The notice that an address names; undefined when it names none. */
export function noticeOf(req: Request): string | undefined {
  const { done } = req.query;
  return typeof done === "string" && Object.hasOwn(NOTICES, done) ? NOTICES[done as Notice] : undefined;
}
