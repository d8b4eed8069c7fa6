import { checkMessage, type MessageInput } from "../message.ts";
import type { RenderedDigest } from "../renderer.ts";
import { addressField, dateField, field, listFields, soundFields, textField } from "./header.ts";

/** A message whose octets are ready but for its signatures. */
export interface ComposedMessage {
  readonly envelope: { readonly from: string; readonly to: string };
  readonly messageId: string;
  /** The header, each field folded and without its last CRLF. */
  readonly fields: readonly string[];
  /**
   * The body, in pieces that readers share: whole lines, each ended by CRLF and none beginning with a dot, in the relaxed form
   * that is signed (RFC 6376 section 3.4.4).
   */
  readonly body: readonly Buffer[];
}

/** One digest to one reader. */
export interface DigestMessage extends MessageInput {
  readonly mail: RenderedDigest;
}

/** Stands in no part: in quoted-printable no `_` follows a `=`. */
const BOUNDARY = "=_paperboy";

const opening = (type: string): Buffer =>
  lines(
    `--${BOUNDARY}`,
    `Content-Type: ${type}; charset=utf-8`,
    "Content-Transfer-Encoding: quoted-printable",
    "",
  );
const lines = (...texts: readonly string[]): Buffer => Buffer.from(`${texts.join("\r\n")}\r\n`, "latin1");

const TEXT = opening("text/plain");
const HTML = opening("text/html");
const END = lines(`--${BOUNDARY}--`);

/**
 * The message of one digest: header, frame, and the fragments that readers share, of whose making nothing is done again. It has the
 * fields and parts that `buildMessage` and Nodemailer make of the same input.
 *
 * @throws UnsoundMail naming what cannot stand in a mail
 */
export function composeMessage(input: DigestMessage): ComposedMessage {
  checkMessage(input);
  const { deliveryId, domain, from, to, date, mail, list } = input;
  const { text, html } = mail.encoded();
  const messageId = `<${deliveryId}@${domain}>`;
  const fields = [
    addressField("From", from),
    addressField("To", { name: "", address: to }),
    textField("Subject", mail.subject),
    field("Message-ID", messageId),
    dateField(date),
    field("Auto-Submitted", "auto-generated"), // RFC 3834: keeps vacation responders quiet
    field("Feedback-ID", "digest:paperboy"),
    ...(list ? listFields(list) : []),
    field("MIME-Version", "1.0"),
    field("Content-Type", `multipart/alternative; boundary="${BOUNDARY}"`),
  ];
  return {
    envelope: { from: input.returnPath ?? from.address, to },
    messageId,
    fields: soundFields(fields),
    body: [TEXT, ...text, HTML, ...html, END],
  };
}
