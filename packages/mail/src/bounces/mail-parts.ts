import PostalMime, { type Attachment } from "postal-mime";
import { type Fields, headerOf, readFields } from "./fields.ts";

/** A mail, sorted by what its parts are for. */
export interface MailParts {
  readonly headers: Fields;
  readonly subject: string;
  /** What the mail says to a person. */
  readonly text: string;
  /** Bodies of message/delivery-status parts (RFC 3464). */
  readonly deliveryStatus: readonly string[];
  /** Bodies of message/feedback-report parts (RFC 5965). */
  readonly feedback: readonly string[];
  /** Bodies of JSON parts. */
  readonly json: readonly string[];
  /** Header of the returned mail; null when none is attached. */
  readonly original: Fields | null;
  /** Media types of everything that is not shown as text, in lower case. */
  readonly types: readonly string[];
}

const MAX_BYTES = 1024 * 1024;
/** The parser takes its time for each line, and a mail of empty ones would hold up everything for seconds. */
const MAX_LINES = 20_000;
const MAX_TEXT = 64 * 1024;
const LIMITS = { maxNestingDepth: 24, maxHeadersSize: 512 * 1024, forceRfc822Attachments: true };

/** Looks at the beginning: a report stands before what it returns. Throws on a mail nested beyond reason. */
export async function readParts(raw: Uint8Array): Promise<MailParts> {
  const email = await PostalMime.parse(Uint8Array.from(beginningOf(raw)), LIMITS);
  const bodies = (pattern: RegExp) =>
    email.attachments.filter(({ mimeType }) => pattern.test(mimeType)).map(decoded);
  const lines = email.headers.map(({ originalKey, value }) => `${originalKey}: ${value}`);
  const [original] = bodies(/^(?:message\/(?:rfc822|global)|text\/rfc822-headers|message\/rfc822-headers)$/);
  const shown = email.text?.trim() ? email.text : plainText(email.html ?? "");
  return {
    headers: readFields(lines.join("\n")),
    subject: email.subject ?? "",
    text: [shown, ...bodies(/^text\/(?:plain|html)$/).map(plainText)].join("\n\n").slice(0, MAX_TEXT),
    deliveryStatus: bodies(/^message\/(?:global-)?delivery-status$/),
    feedback: bodies(/^message\/feedback-report$/),
    json: bodies(/^application\/(?:[\w.-]+\+)?json$/),
    original: original === undefined ? null : readFields(headerOf(original)),
    types: email.attachments.map(({ mimeType }) => mimeType),
  };
}

function beginningOf(raw: Uint8Array): Uint8Array {
  const LINE_FEED = 10;
  let end = -1;
  for (let lines = 0; lines < MAX_LINES; lines++) {
    end = raw.indexOf(LINE_FEED, end + 1);
    if (end < 0 || end >= MAX_BYTES) return raw.subarray(0, MAX_BYTES);
  }
  return raw.subarray(0, end + 1);
}

function decoded({ content }: Attachment): string {
  if (typeof content === "string") return content.slice(0, MAX_TEXT);
  return new TextDecoder().decode(new Uint8Array(content).subarray(0, MAX_TEXT));
}

function plainText(html: string): string {
  const text = html.slice(0, MAX_TEXT);
  if (!/<(?:html|body|p|br|div|table|td)\b/i.test(text)) return text;
  return text
    .replace(/<(?:style|script|head)\b[\s\S]*?<\/(?:style|script|head)>/gi, " ")
    .replace(/<\/?(?:p|br|div|tr|li|h\d|table|pre)\b[^>]{0,500}>/gi, "\n")
    .replace(/<(?![^<>\s]{1,64}@)[^<>]{0,1000}>/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&nbsp;/g, " ")
    .replace(/&amp;/g, "&");
}
