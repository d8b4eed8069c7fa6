import { addressesIn, recipientsIn, unique } from "./addresses.ts";
import { asObject, instantOf, type JsonObject, objectsOf, parseObject, textOf } from "./json-fields.ts";
import { type BounceReport, ignored, type Notification, oneLine, type Reading } from "./report.ts";
import { type Finding, judge, type Verdict, worst } from "./verdict.ts";

/** Amazon sends a mail to no more at once. */
const MAX_RECIPIENTS = 50;

/** Reads a notification of Amazon SES, bare or in the envelope of SNS; null when it is neither. */
export function readSes(body: unknown): Notification | null {
  const outer = typeof body === "string" ? parseObject(body) : asObject(body);
  if (!outer) return null;
  const type = textOf(outer, "Type");
  if (type === "SubscriptionConfirmation") return { reports: [], notice: howToConfirm(outer) };
  if (type === "UnsubscribeConfirmation") return { reports: [], notice: null };
  const message = textOf(outer, "Message");
  // What SNS sends when it is set up is a sentence.
  if (type === "Notification" && !message.trimStart().startsWith("{"))
    return message ? { reports: [], notice: null } : null;
  const event = message ? parseObject(message.replace(/[\r\n]+/g, "")) : outer;
  const reading = event && readEvent(event);
  if (!reading) return null;
  return { reports: [{ ...reading, ...aboutMail(asObject(event?.mail)) }], notice: null };
}

/** Nothing is fetched because a body says so; and a person is shown no address but Amazon's own. */
function howToConfirm(outer: JsonObject): string {
  const text = textOf(outer, "SubscribeURL");
  const url = URL.canParse(text) ? new URL(text) : null;
  const isAmazon =
    url?.protocol === "https:" &&
    url.username === "" &&
    url.port === "" &&
    /^sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/.test(url.hostname);
  return isAmazon
    ? `Open ${url.href} to confirm the subscription; nothing comes before that, and it is not opened for you.`
    : "The subscription is to be confirmed at an address that is not Amazon's; it is not opened, and should not be.";
}

function readEvent(event: JsonObject): Reading | null {
  const type = textOf(event, "notificationType") || textOf(event, "eventType");
  const bounce = asObject(event.bounce);
  const complaint = asObject(event.complaint);
  if (type === "Bounce" && bounce) return readBounceEvent(bounce);
  if (type === "Complaint" && complaint) return readComplaint(complaint);
  if (type === "DeliveryDelay") return readDelay(asObject(event.deliveryDelay));
  return type === "" || type === "Bounce" || type === "Complaint" ? null : ignored(oneLine(type), "none");
}

/**
 * "Permanent" also covers what we did wrong ourselves, so a diagnosis that speaks of the sender or of a full
 * mailbox outweighs it. Without one, Amazon's word holds.
 */
function readBounceEvent(bounce: JsonObject): Reading {
  const permanent = textOf(bounce, "bounceType") === "Permanent";
  const subtype = textOf(bounce, "bounceSubType");
  const findings = objectsOf(bounce, "bouncedRecipients").slice(0, MAX_RECIPIENTS).map(toFinding);
  if (isVacationNote(bounce, findings)) return ignored("auto-reply");
  const people = findings.map((finding) => {
    const verdict = judge(finding);
    return { finding, verdict: { ...verdict, kind: kindOf(verdict, permanent) } };
  });
  const kind = people.length > 0 ? worst(people.map(({ verdict }) => verdict)) : permanent ? "hard" : "soft";
  const those = people.filter(({ verdict }) => verdict.kind === kind);
  return {
    kind,
    delayed: false,
    recipients: unique(those.flatMap(({ finding }) => finding.recipients)),
    status: those[0]?.verdict.status ?? null,
    reason: oneLine(those[0]?.finding.diagnostic || `${textOf(bounce, "bounceType")} ${subtype}`),
    format: "dsn",
  };
}

/** Amazon's "permanent" outweighs what is uncertain; its "transient" outweighs words that sound like for good. */
function kindOf(verdict: Verdict, permanent: boolean): Verdict["kind"] {
  if (verdict.kind === "ignored" || (permanent && verdict.certain)) return verdict.kind;
  return permanent ? "hard" : "soft";
}

/**
 * Amazon tells of vacation notes in the way of bounces: "transient", "general", and without the fields of the
 * report that a server writes when a mail fails.
 */
function isVacationNote(bounce: JsonObject, findings: readonly Finding[]): boolean {
  const general =
    textOf(bounce, "bounceType") === "Transient" && textOf(bounce, "bounceSubType") === "General";
  return general && findings.every(({ action, status, diagnostic }) => action + status + diagnostic === "");
}

function toFinding(person: JsonObject): Finding {
  return {
    recipients: recipientsIn(textOf(person, "emailAddress")),
    action: textOf(person, "action").toLowerCase(),
    status: textOf(person, "status"),
    diagnostic: textOf(person, "diagnosticCode")
      .replace(/^[\w-]{1,60}\s*;/, "")
      .trimStart(),
  };
}

function readComplaint(complaint: JsonObject): Reading {
  const type = textOf(complaint, "complaintFeedbackType") || textOf(complaint, "complaintSubType") || "abuse";
  if (type === "not-spam" || type === "auth-failure") return ignored(type, "arf");
  const recipients = objectsOf(complaint, "complainedRecipients")
    .slice(0, MAX_RECIPIENTS)
    .map((person) => textOf(person, "emailAddress"));
  return {
    kind: "complaint",
    delayed: false,
    recipients: recipientsIn(recipients.join("\n")),
    status: null,
    reason: oneLine(type),
    format: "arf",
  };
}

function readDelay(delay: JsonObject | null): Reading | null {
  if (!delay) return null;
  const findings = objectsOf(delay, "delayedRecipients").slice(0, MAX_RECIPIENTS).map(toFinding);
  return {
    kind: "soft",
    delayed: true,
    recipients: unique(findings.flatMap(({ recipients }) => recipients)),
    status: findings[0] ? judge(findings[0]).status : null,
    reason: oneLine(findings[0]?.diagnostic || textOf(delay, "delayType") || "delayed"),
    format: "dsn",
  };
}

/** `mail.source` is the return path; the id Amazon gives a mail is not the one we gave it. */
function aboutMail(mail: JsonObject | null): Omit<BounceReport, keyof Reading> {
  const header = objectsOf(mail, "headers").find(
    (field) => textOf(field, "name").toLowerCase() === "message-id",
  );
  const id = textOf(header ?? null, "value") || textOf(asObject(mail?.commonHeaders), "messageId");
  return {
    originalMessageId: /<[^<>\s]{1,500}>/.exec(id)?.[0] ?? null,
    deliveredTo: addressesIn(textOf(mail, "source")),
    unsubscribeToken: null,
    at: instantOf(mail, "timestamp"),
  };
}
