import { classifyReply, cleanLine, type SendOutcome, type SmtpPhase, type SmtpReply } from "@paperboy/core";
import type { NodemailerError } from "nodemailer";
import type { DotGate } from "./transport/dot-gate.ts";

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
  return refusal({ code: 552, enhanced: "5.3.4", phase: "data" }, response);
}

function refused(error: NodemailerError, dotted: boolean): SendOutcome {
  const response = error.response ?? error.message;
  const phase = dotted ? "message" : phaseOf(error.command ?? "");
  return refusal({ code: error.responseCode ?? 0, enhanced: enhancedOf(response), phase }, response);
}

/** A refusal with its class. */
export function refusal(reply: SmtpReply, response: string): SendOutcome {
  return { kind: "refused", class: classifyReply(reply), ...reply, response };
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
export function sanitiseOutcome(outcome: SendOutcome): SendOutcome {
  if ("response" in outcome) return { ...outcome, response: cleanLine(outcome.response, MAX_RESPONSE) };
  if (outcome.kind === "lost") outcome.error.message = cleanLine(outcome.error.message, MAX_RESPONSE);
  return outcome;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
