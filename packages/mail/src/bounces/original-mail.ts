import { addressesIn, unique } from "./addresses.ts";
import { all, type Fields, first, headerOf, readFields } from "./fields.ts";
import type { MailParts } from "./mail-parts.ts";

/** Lines behind which systems quote what they return, without the rules of dashes around them. */
const ANNOUNCED = [
  /^(?:(?:this is|here is|the following is|below (?:this line )?is|included is|enclosed is|attached is) ){0,3}(?:an? |the )?(?:copy|headers?|beginning|start|text|contents?|first \d{1,6} lines)\b.{0,40}\b(?:message|mail|e-?mail|headers?)\b.{0,60}$/i,
  /^(?:your |the )?(?:original|unsent|returned|undelivered|undeliverable|rejected|failed|bounced)[ -](?:e-?mail|mail|message)(?: (?:text|body|headers?|follows?|details|begins)){0,5}$/i,
  /^(?:the |your )?(?:message|mail|original) (?:headers?|text|body)(?: (?:of|from) the original message)? ?(?:is |are )?(?:follows?|following|below)$/i,
];
/** These need something before them, and the last ones a rule. */
const DECORATED = /^(?:message|mail) (?:headers?|text|body)$/i;
const RULED =
  /^(?:originalnachricht|urspr[üu]ngliche nachricht|message original|mensaje original|messaggio originale|исходное сообщение|元のメッセージ|原始邮件)/i;
const LEADING = new Set(" \t\u00a0>*=_+|[-");
const TRAILING = new Set(" \t\u00a0.:*=_+|]-");
const MAX_ANNOUNCEMENT = 140;
/** Fields that start a header nobody announced; a report speaks of To and Subject, but not of these. */
const TRACE_FIELD = /^(?:received|return-path|message-id|mime-version|dkim-signature|x-received)[ \t]*:/i;
const HEADER_LINE = /^(?:[A-Za-z][A-Za-z0-9-]{0,60}[ \t]*:|[ \t]+\S)/;

/** A mail's words, apart from the mail it quotes; `quoted` is empty when it quotes none. */
export function splitQuoted(text: string): { readonly said: string; readonly quoted: string } {
  const lines = text.split(/\r\n|\r|\n/);
  const announced = lines.findIndex((line, at) => isAnnouncement(line, lines, at));
  const traced = lines.findIndex((line) => TRACE_FIELD.test(line));
  const at = announced >= 0 && (traced < 0 || announced < traced) ? announced : startOfHeader(lines, traced);
  if (at < 0) return { said: text, quoted: "" };
  const from = at === announced ? at + 1 : at;
  return { said: lines.slice(0, at).join("\n"), quoted: lines.slice(from).join("\n") };
}

/** A bare `UNDELIVERABLE MAIL` may be a heading as well, and what stands under it decides. */
function isAnnouncement(line: string, lines: readonly string[], at: number): boolean {
  if (line.length > MAX_ANNOUNCEMENT || !announces(line)) return false;
  if (!/^[a-z -]+$/i.test(line)) return true;
  const next = lines.slice(at + 1, at + 10).find((below) => below.trim() !== "") ?? "";
  return /^[A-Za-z][A-Za-z0-9-]{0,60}[ \t]*:/.test(next);
}

function announces(line: string): boolean {
  let from = 0;
  while (from < line.length && LEADING.has(line[from] ?? "")) from++;
  let to = line.length;
  while (to > from && TRAILING.has(line[to - 1] ?? "")) to--;
  const words = line.slice(from, to);
  const rule = line.slice(0, from);
  if (ANNOUNCED.some((pattern) => pattern.test(words))) return true;
  if (from > 0 && to < line.length && DECORATED.test(words)) return true;
  return ["----", "____", "===="].some((dashes) => rule.includes(dashes)) && RULED.test(words);
}

/** The header of the mail it is about: attached, or quoted in the text. */
export function originalOf(parts: MailParts, quoted: string): Fields | null {
  if (parts.original && parts.original.size > 0) return parts.original;
  if (quoted.trim() === "") return null;
  const fields = readFields(headerOf(quoted));
  return fields.size > 0 ? fields : null;
}

/** Message-ID of the mail it is about; some reports only answer it (RFC 5322 section 3.6.4). */
export function originalMessageId(headers: Fields, original: Fields | null): string | null {
  const quoted = original ? first(original, "message-id") : "";
  const values = [quoted, first(headers, "in-reply-to"), first(headers, "references")];
  for (const value of values) {
    const [id] = /<[^<>\s]{1,500}>/.exec(value) ?? [];
    if (id) return id;
  }
  return null;
}

const OUR_FIELDS = [
  "delivered-to",
  "x-original-to",
  "envelope-to",
  "x-envelope-to",
  "x-delivered-to",
  "x-rcpt-to",
];
const SENT_FROM = ["return-path", "errors-to", "x-envelope-from", "x-sender", "sender"];
const REPORTED = ["original-mail-from", "x-postfix-sender", "original-envelope-id"];

/** Addresses that may be the return path we sent with, likeliest first. */
export function returnPathsIn(parts: MailParts, original: Fields | null): string[] {
  const reports = [...parts.deliveryStatus, ...parts.feedback].flatMap((body) =>
    all(readFields(body), ...REPORTED),
  );
  const received = all(parts.headers, "received").flatMap(
    (line) => /\bfor\s+<?([^\s<>;]+)/i.exec(line)?.[1] ?? [],
  );
  const values = [
    ...all(parts.headers, ...OUR_FIELDS, "x-apparently-to", "to", "cc"),
    ...received,
    ...(original ? all(original, ...SENT_FROM) : []),
    ...reports,
  ];
  return unique(addressesIn(values.join("\n").slice(0, 64 * 1024))).slice(0, 50);
}

function startOfHeader(lines: readonly string[], traced: number): number {
  let at = traced;
  while (at > 0 && HEADER_LINE.test(lines[at - 1] ?? "")) at -= 1;
  return at;
}
