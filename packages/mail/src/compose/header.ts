import { encodeWords, foldLines, quoteString } from "nodemailer/lib/mime-funcs";
import type { ListHeaders } from "../message.ts";
import type { Sender } from "../sender.ts";
import { requireSoundField } from "./sound.ts";

/** Longest line of a header that is folded, and of an encoded word in it. */
const WIDTH = 76;
const WORD = 52;

/** What an address needs no brackets for. */
const PLAIN_ADDRESS = /^[^\s"(),:;<>@[\\\]]+@[^\s"(),:;<>@[\\\]]+$/;

/** A header field, folded, without its last CRLF. */
export const field = (name: string, value: string): string => foldLines(`${name}: ${value}`, WIDTH);

/** A field of free text; what is beyond ASCII becomes encoded words (RFC 2047). */
export const textField = (name: string, text: string): string =>
  field(name, encodeWords(text, encodingFor(text), WORD, true));

/** A field that holds one mailbox (RFC 5322 section 3.4). */
export function addressField(name: string, { name: person, address }: Sender): string {
  if (person === "") return field(name, PLAIN_ADDRESS.test(address) ? address : `<${address}>`);
  const isAscii = /^[ -~]*$/.test(person);
  const phrase = /^[\w ]*$/.test(person)
    ? person
    : isAscii
      ? quoteString(person)
      : encodeWords(person, encodingFor(person), WORD, true);
  return field(name, `${phrase} <${address}>`);
}

/** RFC 5322 section 3.3, in UTC. */
export const dateField = (date: Date): string => field("Date", date.toUTCString().replace("GMT", "+0000"));

/** RFC 2919, RFC 2369 and RFC 8058. */
export const listFields = ({ id, unsubscribeUrl, unsubscribeMailto }: ListHeaders): string[] => [
  field("List-ID", `<${id}>`),
  field("List-Unsubscribe", `<${unsubscribeUrl}>, <${unsubscribeMailto}>`),
  field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
];

/** The fields as they are; throws UnsoundMail when one could break the mail. */
export function soundFields(fields: readonly string[]): readonly string[] {
  for (const each of fields) requireSoundField(each);
  return fields;
}

/** Q where most of it is Latin, so that it can be read as it is; B otherwise, which is shorter. */
function encodingFor(text: string): "Q" | "B" {
  const latin = text.replace(/[^A-Za-z]/g, "").length;
  const beyond = text.replace(/[\t\n\r -~]/g, "").length;
  return beyond < latin ? "Q" : "B";
}
