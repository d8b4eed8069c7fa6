/** A relay's "no", as far as it is classified by. */
export interface Refusal5321 {
  /** SMTP reply code. */
  readonly code: number;
  /** RFC 3463 enhanced status code, e.g. `5.1.1`; null when there was none. */
  readonly enhanced: string | null;
  /** The step of the session that got it; `message` follows the final dot. */
  readonly phase: "connect" | "auth" | "mail" | "rcpt" | "data" | "message";
}

/**
 * Whom a refusal is about. `recipient`: nobody is there, and never will be. `message`: this mail to this reader fails for
 * good. `soft`: later it may pass. `sender`: we are refused, whoever it goes to. `busy`: the relay asks for patience.
 */
export type RefusalClass = "recipient" | "message" | "soft" | "sender" | "busy";

/**
 * Decided once, by the enhanced status code (RFC 3463, RFC 7372), then by the reply code (RFC 5321), then by the phase.
 * What is about us (5.7.x, authentication, DKIM, TLS) never costs a reader his subscription.
 */
export function classifyRefusal({ code, enhanced, phase }: Refusal5321): RefusalClass {
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

function isTooLarge(code: number, enhanced: string | null, phase: Refusal5321["phase"]): boolean {
  return enhanced === "5.3.4" || (enhanced === null && code === 552 && phase === "mail");
}
