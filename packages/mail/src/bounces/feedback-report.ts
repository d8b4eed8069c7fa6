import { isRedacted, recipientsIn, unique } from "./addresses.ts";
import { all, type Fields, first, readFields } from "./fields.ts";
import type { MailParts } from "./mail-parts.ts";
import { ignored, oneLine, type Reading } from "./report.ts";

/** Reports on a domain or its signatures (RFC 6591, RFC 7489), and readers who took a mail out of the spam folder. */
const NO_COMPLAINT = new Set(["auth-failure", "dmarc", "not-spam", "dkim", "spf"]);

const RECIPIENT_FIELDS = ["original-rcpt-to", "removal-recipient", "redacted-address"];
/** Where a returned mail names its reader; the last ones are added by mailbox hosts that report without fields. */
const READER_FIELDS = ["to", "delivered-to", "x-original-to", "x-envelope-to", "x-hmxmroriginalrecipient"];

/** Reads a message/feedback-report body (RFC 5965). Types it does not know are complaints, as section 3.1 asks. */
export function readFeedback(body: string, original: Fields | null): Reading {
  const fields = readFields(body.replace(/(?:\r?\n)[ \t]*(?=\r?\n)/g, ""));
  const type = /[a-z][a-z-]{0,30}/.exec(first(fields, "feedback-type").toLowerCase())?.[0] ?? "abuse";
  if (NO_COMPLAINT.has(type)) return ignored(type, "arf");
  return complaint(type, all(fields, ...RECIPIENT_FIELDS), original);
}

/** What x-arf.org calls a mail that a reader did not want; other types are about logins, copyright and the like. */
const UNWANTED = /^(?:spam|unsolicited|bulk|phishing|junk|abuse)/i;

/** Reads an X-ARF report, in YAML or JSON, which the header names; null when it is none. */
export function readXarf({ headers, text, json }: MailParts, original: Fields | null): Reading | null {
  if (!headers.has("x-arf") && !headers.has("x-xarf")) return null;
  const [, type = ""] =
    /"?report-?type"?[ \t]*:[ \t]*"?([\w-]{1,60})/i.exec([...json, text].join("\n")) ?? [];
  if (!UNWANTED.test(type) || !original) return ignored(`X-ARF ${type}`.trim(), "arf");
  return complaint(type.toLowerCase(), [], original);
}

/** A complaint without report fields: the mail comes back with a subject that says so. */
export function readBareComplaint(original: Fields | null): Reading {
  return complaint("abuse", [], original);
}

function complaint(type: string, named: readonly string[], original: Fields | null): Reading {
  const stated = readers(named);
  const recipients = stated.length > 0 || !original ? stated : readers(all(original, ...READER_FIELDS));
  return {
    kind: "complaint",
    delayed: false,
    recipients,
    status: null,
    reason: oneLine(type),
    format: "arf",
  };
}

function readers(values: readonly string[]): string[] {
  return unique(recipientsIn(values.join(" ")).filter((address) => !isRedacted(address)));
}
