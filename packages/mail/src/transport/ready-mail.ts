import { createTransport, type SendMailOptions } from "nodemailer";
import type { ComposedMessage } from "../compose/compose.ts";
import { onTheWire, relaxBody, splitMessage } from "../dkim/canonicalise.ts";
import type { Signer } from "../dkim.ts";

/** A mail as it goes over the wire. */
export interface ReadyMail {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly messageId: string;
  /** How large it is (RFC 1870): dots that SMTP doubles do not count. */
  readonly size: number;
  /** Whole lines, their dots doubled, without the dot that ends it. */
  readonly octets: Buffer;
}

/** A message that was composed in octets, or the fields of one that Nodemailer composes. */
export type Sendable = ComposedMessage | SendMailOptions;

/** Makes the whole of a mail, signed, before anything of it is sent. Rejects when it cannot be made. */
export function readyMail(message: Sendable, sign: Signer | null): ReadyMail | Promise<ReadyMail> {
  return "body" in message ? readyComposed(message, sign) : readyBuilt(message, sign);
}

/** The pieces are in the form that is signed, and no line of them begins with a dot. */
function readyComposed(
  { envelope, messageId, fields, body }: ComposedMessage,
  sign: Signer | null,
): ReadyMail {
  const head = headOf([...(sign?.(fields, body) ?? []), ...fields]);
  const octets = Buffer.concat([head, ...body]);
  return { envelope: { from: envelope.from, to: [envelope.to] }, messageId, size: octets.length, octets };
}

const composer = createTransport({
  streamTransport: true,
  buffer: true,
  newline: "windows",
  disableFileAccess: true,
  disableUrlAccess: true,
});

async function readyBuilt(message: SendMailOptions, sign: Signer | null): Promise<ReadyMail> {
  const built = await composer.sendMail(message);
  const wire = onTheWire(built.message as Buffer);
  const { fields, body } = splitMessage(wire);
  const signatures = sign?.(fields, [relaxBody(body)]) ?? [];
  const octets = signatures.length === 0 ? wire : Buffer.concat([linesOf(signatures), wire]);
  const { from, to } = built.envelope;
  return {
    envelope: { from: from || "", to },
    messageId: built.messageId,
    size: octets.length,
    octets: doubleDots(octets),
  };
}

const linesOf = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join("\r\n")}\r\n`, "latin1");

const headOf = (fields: readonly string[]): Buffer => linesOf([...fields, ""]);

const [DOT, LF] = [0x2e, 0x0a];

/** RFC 5321 section 4.5.2, for lines that end in CRLF. */
function doubleDots(octets: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = octets.indexOf(DOT); at >= 0; at = octets.indexOf(DOT, at + 1)) {
    if (at > 0 && octets[at - 1] !== LF) continue;
    pieces.push(octets.subarray(from, at + 1));
    from = at;
  }
  return Buffer.concat([...pieces, octets.subarray(from)]);
}
