import type { SendMailOptions } from "nodemailer";
import type { RenderedMail } from "./renderer.ts";
import type { Sender } from "./sender.ts";

/** How a reader leaves, in the headers that mail programs turn into a button. */
export interface ListHeaders {
  /** RFC 2919 identifier without brackets, e.g. `digest.paperboy.example.org`. */
  readonly id: string;
  /** https address that unsubscribes on POST (RFC 8058). */
  readonly unsubscribeUrl: string;
  /** `mailto:` address that unsubscribes, with the token in the subject. */
  readonly unsubscribeMailto: string;
}

/** A built message, as a transport takes it. */
export type OutgoingMail = SendMailOptions;

/** One mail to one reader. */
export interface MessageInput {
  /** Names the mail for ever: a repeated delivery carries the same Message-ID. */
  readonly deliveryId: string;
  /** Right-hand side of the Message-ID. */
  readonly domain: string;
  readonly from: Sender;
  /** An address that `parseAddress` accepted. */
  readonly to: string;
  readonly date: Date;
  readonly mail: RenderedMail;
  /** Absent for a mail that belongs to no list, such as the confirmation. */
  readonly list?: ListHeaders;
  /** Envelope sender, where bounces go; `from` unless given. */
  readonly returnPath?: string;
}

const ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/**
 * The message for one delivery: text and HTML alternatives, every header by field and none by hand, an explicit
 * envelope with one recipient. Throws when an id or a list address could not stand in a header as it is.
 */
export function buildMessage(input: MessageInput): OutgoingMail {
  checkMessage(input);
  const { deliveryId, domain, from, to, date, mail, list } = input;
  return {
    from: { name: from.name, address: from.address },
    to: { name: "", address: to },
    envelope: { from: input.returnPath ?? from.address, to: [to] },
    messageId: `<${deliveryId}@${domain}>`,
    date,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: {
      // RFC 3834: keeps vacation responders quiet.
      "Auto-Submitted": "auto-generated",
      "Feedback-ID": `${list ? "digest" : "confirmation"}:paperboy`,
      ...(list && { "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" }),
    },
    ...(list && { list: listFields(list) }),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Throws when an id or a list address could not stand in a header as it is. */
export function checkMessage({ deliveryId, domain, list }: MessageInput): void {
  if (!ID.test(deliveryId) || !ID.test(domain))
    throw new Error(`"${deliveryId}@${domain}" makes no Message-ID`);
  if (list === undefined) return;
  const { id, unsubscribeUrl, unsubscribeMailto } = list;
  if (!ID.test(id)) throw new Error(`"${id}" makes no List-Id`);
  if (!isPlainUri(unsubscribeUrl, "https:", "http:") || !isPlainUri(unsubscribeMailto, "mailto:"))
    throw new Error("the unsubscribe addresses must be one http(s) and one mailto address");
}

/** RFC 2369 and RFC 2919; the nested array makes one List-Unsubscribe header of two addresses. */
const listFields = ({ id, unsubscribeUrl, unsubscribeMailto }: ListHeaders) => ({
  id,
  unsubscribe: [[unsubscribeUrl, unsubscribeMailto]],
});

function isPlainUri(text: string, ...protocols: string[]): boolean {
  return /^[!-;=?-~]+$/.test(text) && URL.canParse(text) && protocols.includes(new URL(text).protocol);
}
