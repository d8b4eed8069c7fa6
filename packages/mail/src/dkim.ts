import { Readable } from "node:stream";
import { onTheWire, splitMessage } from "./dkim/canonicalise.ts";
import { type DkimSettings, readDkimKeys } from "./dkim/keys.ts";
import { signatureFields } from "./dkim/signature.ts";

export {
  DkimError,
  type DkimRecord,
  type DkimSettings,
  dkimRecord,
  generateDkimKeys,
  readDkimKeys,
} from "./dkim/keys.ts";

/** Takes the stream of one message, gives the stream of the same message with its signatures on top. */
export type Signer = (message: Readable) => Readable;

/**
 * A signer that puts one DKIM-Signature on a message for each key, so that an Ed25519 key can stand beside an RSA
 * key, and a new one beside an old one. Throws when a key can not sign, or two keys would share one DNS record.
 *
 * Nodemailer signs with RSA only, and lets a message go unsigned when that fails.
 */
export function createSigner(settings: readonly DkimSettings[], now: () => Date = () => new Date()): Signer {
  const keys = readDkimKeys(settings);
  return (message) =>
    Readable.from(
      (async function* () {
        // What is signed must be what is sent: nodemailer leaves bare LFs, which become CRLF only on the wire.
        const wire = onTheWire(await textOf(message));
        const signatures = signatureFields(splitMessage(wire), keys, now());
        yield Buffer.from([...signatures, wire].join("\r\n"), "latin1");
      })(),
      { objectMode: false },
    );
}

/** The whole message, one character for each octet. */
async function textOf(message: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("latin1");
}
