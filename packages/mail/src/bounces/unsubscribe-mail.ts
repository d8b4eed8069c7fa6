import type { MailParts } from "./mail-parts.ts";
import { isAnswer } from "./recognise.ts";
import type { Reading } from "./report.ts";

/** As `List-Unsubscribe` gives it; some programs leave the escape in, and some people answer what they have sent. */
const SUBJECT =
  /^\s*(?:re:\s*)?unsubscribe(?:\s|%20|\+)+([\w-]{1,16}\.[\w-]{22}\.[0-9a-z]{1,12}\.[\w-]{27})\s*$/i;

/** What a mail that asks to unsubscribe says. */
export const UNSUBSCRIBE: Reading = {
  kind: "unsubscribe",
  delayed: false,
  recipients: [],
  status: null,
  reason: "unsubscribe",
  format: "none",
};

/**
 * The token of a mail that asks to unsubscribe (RFC 2369, RFC 8058): its own subject must be just that. What a machine
 * answers or reports only quotes a subject, and asks for nothing.
 */
export function unsubscribeTokenIn(parts: MailParts): string | null {
  if (isAnswer(parts)) return null;
  return SUBJECT.exec(parts.subject)?.[1] ?? null;
}
