import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { MailMessage } from "nodemailer";
import MimeNode from "nodemailer/lib/mime-node";
import type { Signer } from "./dkim.ts";

/** What is asked of a message that Nodemailer is about to send. */
type Message = MailMessage["message"];

/**
 * Makes the whole of a message, signed, before anything of it is sent: a relay that says how much it takes is told how large
 * it is (RFC 1870). Rejects when it cannot be made.
 */
export async function freezeMessage(message: Message, sign: Signer | null): Promise<Message> {
  const made = message.createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of sign ? sign(made) : made) chunks.push(Buffer.from(chunk));
  const octets = Buffer.concat(chunks);
  const frozen = new MimeNode();
  frozen.setHeader("Message-ID", message.messageId()); // for the log; what stands in the mail is in the octets
  frozen.setEnvelope({ ...message.getEnvelope(), size: octets.length + bareLineFeeds(octets) });
  return frozen.setRaw(Readable.from(pieces(octets), { objectMode: false }));
}

const PIECE = 16 * 1024;

/** With a look at the connection between them: the end must not be reached when the relay is gone already. */
async function* pieces(octets: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < octets.length; at += PIECE) {
    yield octets.subarray(at, at + PIECE);
    await setImmediate();
  }
}

/** Every line ends in CRLF on the wire, and counts so (RFC 1870 section 3); dots that SMTP adds do not count. */
function bareLineFeeds(octets: Buffer): number {
  const [CR, LF] = [13, 10];
  let count = 0;
  for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, at + 1))
    if (octets[at - 1] !== CR) count++;
  return count;
}
