import PostalMime, { type Attachment } from "postal-mime";
import { repairContentTypes } from "./content-type.ts";
import { type Fields, headerOf, readFields } from "./fields.ts";
import { htmlText } from "./html-text.ts";

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

const MAX_BYTES = 512 * 1024;
/** The parser takes its time for each line and each part, and a mail of nothing else would block it for seconds. */
const MAX_LINES = 6_000;
/** Lines that may begin a part; honest reports have five parts and some rules of dashes. */
const MAX_DASHED = 200;
const MAX_TEXT = 32 * 1024;
const MAX_SUBJECT = 1_000;
const LINE_FEED = 10;
const DASH = 45;
const LIMITS = { maxNestingDepth: 12, maxHeadersSize: 128 * 1024, forceRfc822Attachments: true };

/** Looks at the beginning: a report stands before what it returns. Throws on a mail nested beyond reason. */
export async function readParts(raw: Uint8Array): Promise<MailParts> {
  const beginning = Buffer.from(beginningOf(raw)).toString("latin1");
  const email = await PostalMime.parse(Buffer.from(repairContentTypes(beginning), "latin1"), LIMITS);
  const bodies = (pattern: RegExp) =>
    email.attachments.filter(({ mimeType }) => pattern.test(mimeType)).map(decoded);
  const lines = email.headers.map(({ originalKey, value }) => `${originalKey}: ${value}`);
  const [original] = bodies(/^(?:message\/(?:rfc822|global)|text\/rfc822-headers|message\/rfc822-headers)$/);
  const shown = email.text?.trim() ? email.text : htmlText((email.html ?? "").slice(0, MAX_TEXT));
  return {
    headers: readFields(lines.join("\n")),
    subject: (email.subject ?? "").slice(0, MAX_SUBJECT),
    text: [shown, ...bodies(/^text\/(?:plain|html)$/).map(htmlText)].join("\n\n").slice(0, MAX_TEXT),
    deliveryStatus: bodies(/^message\/(?:global-)?delivery-status$/),
    feedback: bodies(/^message\/feedback-report$/),
    json: bodies(/^application\/(?:[\w.-]+\+)?json$/),
    original: original === undefined ? null : readFields(headerOf(original)),
    types: email.attachments.map(({ mimeType }) => mimeType),
  };
}

function beginningOf(raw: Uint8Array): Uint8Array {
  let end = -1;
  let dashed = 0;
  for (let lines = 0; lines < MAX_LINES && dashed < MAX_DASHED; lines++) {
    end = raw.indexOf(LINE_FEED, end + 1);
    if (end < 0 || end >= MAX_BYTES) return raw.subarray(0, MAX_BYTES);
    if (raw[end + 1] === DASH && raw[end + 2] === DASH) dashed++;
  }
  return raw.subarray(0, end + 1);
}

function decoded({ content }: Attachment): string {
  if (typeof content === "string") return content.slice(0, MAX_TEXT);
  return new TextDecoder().decode(new Uint8Array(content).subarray(0, MAX_TEXT));
}
