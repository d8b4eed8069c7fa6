import { readDeliveryStatus } from "./delivery-status.ts";
import { readBareComplaint, readFeedback, readXarf } from "./feedback-report.ts";
import { type Fields, first } from "./fields.ts";
import { parseObject } from "./json-fields.ts";
import { type MailParts, readParts } from "./mail-parts.ts";
import { readNotice } from "./notice.ts";
import { originalMessageId, originalOf, returnPathsIn, splitQuoted } from "./original-mail.ts";
import {
  isAutoReply,
  isCertainReply,
  looksLikeBounce,
  looksLikeComplaint,
  otherReport,
} from "./recognise.ts";
import { type BounceReport, ignored, type Reading, unreadable, unrecognised } from "./report.ts";
import { UNSUBSCRIBE, unsubscribeTokenIn } from "./unsubscribe-mail.ts";
import { readWebhook } from "./webhook.ts";

/**
 * Says what an inbound mail means for a mail of ours: a delivery report (RFC 3464), a complaint (RFC 5965), a bounce
 * in plain words, or nothing. Never throws; nothing it says is proof, for anyone can write such a mail. What a
 * report is allowed to change is decided by the token in the address it came to.
 */
export async function readBounce(raw: Uint8Array): Promise<BounceReport> {
  try {
    const parts = await readParts(raw);
    const { said, quoted } = splitQuoted(parts.text);
    const notified = readNotification(parts);
    if (notified) return notified;
    const original = originalOf(parts, quoted);
    const unsubscribeToken = unsubscribeTokenIn(parts);
    return {
      ...(unsubscribeToken === null ? readMail(parts, said, original) : UNSUBSCRIBE),
      originalMessageId: originalMessageId(parts.headers, original),
      deliveredTo: returnPathsIn(parts, original),
      unsubscribeToken,
      at: arrivalOf(parts.headers),
    };
  } catch {
    // Nothing a stranger sends may stop the ones behind it.
    return unreadable("unreadable");
  }
}

/** The standards first, then what machines say in words, and last what is no bounce at all. */
function readMail(parts: MailParts, said: string, original: Fields | null): Reading {
  const other = otherReport(parts);
  if (other) return ignored(other);
  const feedback = parts.feedback[0] ?? embeddedFeedback(said);
  if (feedback !== undefined) return readFeedback(feedback, original);
  const xarf = readXarf(parts, original);
  if (xarf) return xarf;
  const status = readDeliveryStatus(parts.deliveryStatus, said) ?? embeddedStatus(said);
  if (status) return withRecipients(status, parts, said, original);
  if (isCertainReply(parts, said)) return ignored("auto-reply");
  if (looksLikeComplaint(parts)) return readBareComplaint(original);
  if (looksLikeBounce(parts, said)) return readNotice(parts, said, original);
  return isAutoReply(parts) ? ignored("auto-reply") : unrecognised("not a report");
}

/** Reports that hide the recipient from the machine may name it in words. */
function withRecipients(reading: Reading, parts: MailParts, said: string, original: Fields | null): Reading {
  if (reading.kind === "ignored" || reading.recipients.length > 0) return reading;
  return { ...reading, recipients: readNotice(parts, said, original).recipients };
}

/** Some systems write the fields of RFC 3464 into the text. */
function embeddedStatus(said: string): Reading | null {
  const at = /^[ \t]*(?:final-recipient|original-recipient)[ \t]*:/im.exec(said);
  if (!at) return null;
  const start = Math.max(said.lastIndexOf("\n\n", at.index), 0);
  return readDeliveryStatus([said.slice(start)], "");
}

function embeddedFeedback(said: string): string | undefined {
  const fields = /^feedback-type[ \t]*:/im.exec(said);
  return fields && /^(?:user-agent|version|source-ip|original-mail-from)[ \t]*:/im.test(said)
    ? said.slice(fields.index)
    : undefined;
}

/** A date and a comment or two. */
const MAX_DATE = 200;

/**
 * When our side took the mail: its trace is the topmost (RFC 5321 section 4.4). The Date field is no witness, since the
 * clocks of senders are wrong.
 */
function arrivalOf(headers: Fields): Date | null {
  const received = first(headers, "received");
  const said = received.slice(received.lastIndexOf(";") + 1).slice(0, MAX_DATE);
  const at = new Date(said.replace(/\([^()]*\)/g, " "));
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Amazon mails its notifications to those who subscribe by e-mail. */
function readNotification({ headers, text }: MailParts): BounceReport | undefined {
  if (!headers.has("x-amz-sns-message-id") && !/^\s*\{\s*"(?:Type|notificationType|eventType)"/.test(text))
    return undefined;
  // Lines of JSON are longer than SMTP allows, so relays break them.
  const json = text.slice(Math.max(0, text.indexOf("{")), text.lastIndexOf("}") + 1);
  const body = parseObject(json.replace(/\r?\n ?/g, ""));
  try {
    return body === null ? undefined : readWebhook("ses", body).reports[0];
  } catch {
    return undefined;
  }
}
