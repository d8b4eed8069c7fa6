import { recipientsIn } from "./addresses.ts";
import { asObject, instantOf, type JsonObject, textOf } from "./json-fields.ts";
import { type BounceKind, ignored, type Notification, oneLine, type Reading } from "./report.ts";
import { judge } from "./verdict.ts";

/** Postmark's names of what happened; any other, such as a spam filter's no, is soft. */
const KINDS: Readonly<Record<string, BounceKind>> = {
  HardBounce: "hard",
  BadEmailAddress: "hard",
  ManuallyDeactivated: "hard",
  SpamComplaint: "complaint",
  Unsubscribe: "complaint",
  AutoResponder: "ignored",
  ChallengeVerification: "ignored",
  AddressChange: "ignored",
  Subscribe: "ignored",
  OpenRelayTest: "ignored",
  // About what was sent to Postmark, not about what became of it.
  InboundError: "ignored",
  SMTPApiError: "ignored",
  TemplateRenderingFailed: "ignored",
};

/** Records that ask for nothing. */
const QUIET = new Set(["Delivery", "Open", "Click", "Inbound"]);

/** Reads a webhook of Postmark; null when it is none. Postmark knows the mail by an id of its own only. */
export function readPostmark(body: unknown): Notification | null {
  const record = asObject(body);
  const reading = record && readRecord(record);
  if (!reading) return null;
  const at = instantOf(record, "BouncedAt") ?? instantOf(record, "ChangedAt");
  const about = { originalMessageId: null, deliveredTo: [], unsubscribeToken: null, at };
  return { reports: [{ ...reading, ...about }], notice: null };
}

function readRecord(record: JsonObject): Reading | null {
  const type = textOf(record, "RecordType");
  if (type === "Bounce" && textOf(record, "Type")) return readBounceRecord(record, textOf(record, "Type"));
  if (type === "SpamComplaint") return readBounceRecord(record, "SpamComplaint");
  if (type === "SubscriptionChange" && typeof record.SuppressSending === "boolean") return readChange(record);
  return QUIET.has(type) ? ignored(type, "none") : null;
}

function readBounceRecord(record: JsonObject, type: string): Reading {
  const kind = KINDS[type] ?? "soft";
  const said = textOf(record, "Details") || textOf(record, "Description") || type;
  const failed = kind === "hard" || kind === "soft";
  return {
    kind,
    // "Transient" is a mail that Postmark keeps trying.
    delayed: type === "Transient",
    recipients: recipientsIn(textOf(record, "Email")),
    status: failed ? judge({ recipients: [], action: "failed", status: "", diagnostic: said }).status : null,
    reason: oneLine(failed ? said : type),
    format: kind === "complaint" ? "arf" : failed ? "dsn" : "none",
  };
}

/** A reader, or Postmark, stopped or resumed sending to an address. */
function readChange(record: JsonObject): Reading {
  if (record.SuppressSending === false) return ignored("sending resumed", "none");
  const why = textOf(record, "SuppressionReason") || "suppressed";
  const kind = why === "HardBounce" ? "hard" : "complaint";
  return {
    kind,
    delayed: false,
    recipients: recipientsIn(textOf(record, "Recipient")),
    status: null,
    reason: oneLine(why),
    format: kind === "hard" ? "dsn" : "arf",
  };
}
