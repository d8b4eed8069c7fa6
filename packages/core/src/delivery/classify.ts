import type { Trouble } from "../destination.ts";
import type { DeliveryEvent } from "./events.ts";
import type { RefusalClass, SmtpPhase, SmtpReply } from "./outcome.ts";

/** What follows from a refusal. */
export interface Consequence {
  /** What happens to the delivery; `lose` is `defer` where the policy is to send again. */
  readonly event: DeliveryEvent & ("refuse" | "defer" | "lose");
  /** Whether nothing may be mailed to the address any more. */
  readonly suppresses: boolean;
  /** Whether the destination, or the relay, is written to more slowly. */
  readonly throttles: boolean;
  /** What several in a row open the circuit breaker for; null when they do not. */
  readonly trouble: Trouble | null;
}

/** What happens on a 550: `classifyReply` says what it is about, this table what follows. */
export const CONSEQUENCES: Readonly<Record<RefusalClass, Consequence>> = {
  recipient: { event: "refuse", suppresses: true, throttles: false, trouble: null },
  message: { event: "refuse", suppresses: false, throttles: false, trouble: null },
  soft: { event: "defer", suppresses: false, throttles: false, trouble: null },
  sender: { event: "defer", suppresses: false, throttles: false, trouble: "refused" },
  busy: { event: "defer", suppresses: false, throttles: true, trouble: "busy" },
  unknown: { event: "lose", suppresses: false, throttles: false, trouble: null },
};

/**
 * Decided by the enhanced status code (RFC 3463, RFC 7372), then by the reply code (RFC 5321), then by the phase.
 * What is about us (5.7.x, authentication, DKIM, TLS) never costs a reader their subscription.
 */
export function classifyReply({ code, enhanced, phase }: SmtpReply): RefusalClass {
  // RFC 5321, section 4.2.1: a reply begins with 2 to 5, and a refusal with 4 or 5.
  if (code < 400 || code > 599) return phase === "message" ? "unknown" : "soft";
  if (code === 421 || code === 454) return "busy";
  if (code === 530 || code === 535 || code === 538 || phase === "auth") return "sender";
  // 452 with 4.2.x is about the reader's mailbox, whatever its code says of "system storage".
  if (code < 500)
    return code === 452 && phase !== "message" && !enhanced?.startsWith("4.2.") ? "busy" : "soft";
  if (code === 503) return "soft";
  const [, subject, detail] = /^5\.(\d{1,3})\.(\d{1,3})$/.exec(enhanced ?? "") ?? [];
  if (subject === "7") return "sender";
  if (subject === "1") {
    const isOurs = detail === "7" || detail === "8" || phase === "mail" || phase === "connect";
    return isOurs ? "sender" : "recipient";
  }
  // A relay that was told the size refuses the mail at MAIL FROM (RFC 1870 section 6.1), and it is the mail it refuses.
  if (isTooLarge(code, enhanced, phase)) return "message";
  if (subject === "2") return detail === "1" ? "recipient" : "soft";
  if (phase === "connect" || phase === "mail") return "sender";
  if (subject === undefined && phase === "rcpt" && (code === 550 || code === 551 || code === 553))
    return "recipient";
  return "message";
}

function isTooLarge(code: number, enhanced: string | null, phase: SmtpPhase): boolean {
  return enhanced === "5.3.4" || (enhanced === null && code === 552 && phase === "mail");
}
