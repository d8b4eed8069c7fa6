import { cleanLine } from "@paperboy/core";
import type { NodemailerError } from "nodemailer";
import type { DotGate } from "./dot-gate.ts";

/** The step of an SMTP session that got an answer; `message` is what follows the final dot. */
export type SmtpPhase = "connect" | "auth" | "mail" | "rcpt" | "data" | "message";

/** What became of one message, decided once, here. */
export type SendOutcome =
  /** The server answered 2xx to the final dot. */
  | { readonly kind: "submitted"; readonly response: string }
  /** The server said no; nothing was submitted. */
  | {
      readonly kind: "refused";
      /** True only when the same message to the same reader would be refused again. */
      readonly permanent: boolean;
      /** SMTP reply code, e.g. 550. */
      readonly code: number;
      /** RFC 3463 status, e.g. `5.1.1`; null when the server gave none. */
      readonly enhanced: string | null;
      readonly response: string;
      readonly phase: SmtpPhase;
    }
  /** The connection failed. Before the dot nothing was submitted; after it nobody can know. */
  | { readonly kind: "lost"; readonly dotted: boolean; readonly error: Error }
  /** We gave up ourselves before the dot (`beforeDot` rejected, or the message could not be built). */
  | { readonly kind: "aborted"; readonly error: Error };

const CONNECTION_FAULTS = new Set([
  "ECONNECTION",
  "ETIMEDOUT",
  "ESOCKET",
  "EDNS",
  "ETLS",
  "EPROTOCOL",
  "EPROXY",
  "EAUTH",
  "ENOAUTH",
]);

/** Turns what sending threw into an outcome; `gate` knows whether the final dot may have left. */
export function classifyFailure(thrown: unknown, gate: DotGate): SendOutcome {
  const error: NodemailerError = asError(thrown);
  const refusal = gate.refusal();
  if (refusal) return { kind: "aborted", error: asError(refusal.error) };
  if (error.responseCode !== undefined && error.responseCode >= 400) return refused(error, gate.opened());
  if (gate.opened()) return { kind: "lost", dotted: true, error };
  const limit = TOO_LARGE.exec(error.message)?.[1];
  if (error.code === "EMESSAGE" && limit !== undefined) return tooLarge(limit);
  const code = error.code ?? "ECONNECTION";
  return CONNECTION_FAULTS.has(code) ? { kind: "lost", dotted: false, error } : { kind: "aborted", error };
}

/** What Nodemailer says when a relay's SIZE (RFC 1870) is less than the message, of which nothing was sent. */
const TOO_LARGE = /^Message size larger than allowed (\d+)/;

/** Never sent, since the relay would refuse it with these words. */
function tooLarge(limit: string): SendOutcome {
  const response = `552 5.3.4 not sent: the mail is larger than the ${limit} bytes that the relay takes (SIZE)`;
  return { kind: "refused", permanent: true, code: 552, enhanced: "5.3.4", response, phase: "data" };
}

function refused(error: NodemailerError, dotted: boolean): SendOutcome {
  const response = error.response ?? error.message;
  const code = error.responseCode ?? 0;
  const phase = dotted ? "message" : phaseOf(error.command ?? "");
  return {
    kind: "refused",
    permanent: isPermanent(code, phase),
    code,
    enhanced: enhancedOf(response),
    response,
    phase,
  };
}

/**
 * 5yz is permanent (RFC 5321 section 4.2.1) but for 503, a session out of step. A 5yz to the greeting, to AUTH
 * or to MAIL FROM is about us and not about the reader: it must not cost readers their subscription.
 */
function isPermanent(code: number, phase: SmtpPhase): boolean {
  const aboutTheMessage = phase === "rcpt" || phase === "data" || phase === "message";
  return aboutTheMessage && code >= 500 && code < 600 && code !== 503;
}

function phaseOf(command: string): SmtpPhase {
  if (command.startsWith("AUTH")) return "auth";
  if (command === "MAIL FROM") return "mail";
  if (command === "RCPT TO") return "rcpt";
  return command === "DATA" ? "data" : "connect";
}

function enhancedOf(response: string): string | null {
  return /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] ?? null;
}

const MAX_RESPONSE = 1_000;

/** The outcome with what the relay said made one line of text: a relay may say anything, also octets that no database takes. */
export function legible(outcome: SendOutcome): SendOutcome {
  if ("response" in outcome) return { ...outcome, response: cleanLine(outcome.response, MAX_RESPONSE) };
  if (outcome.kind === "lost") outcome.error.message = cleanLine(outcome.error.message, MAX_RESPONSE);
  return outcome;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
