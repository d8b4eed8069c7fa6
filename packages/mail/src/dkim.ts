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

/**
 * Gives the signatures of a message, which belong on top of its header: fields with their folding, without their last CRLF.
 *
 * @param fields its header, in the same form; what is signed must be what is sent
 * @param body its body in the relaxed form of RFC 6376 section 3.4.4, in pieces
 */
export type Signer = (fields: readonly string[], body: readonly Buffer[]) => readonly string[];

/**
 * A signer that makes one DKIM-Signature for each key, so that an Ed25519 key can stand beside an RSA key, and a new one beside an
 * old one. Throws when a key can not sign, or two keys would share one DNS record.
 *
 * Nodemailer signs with RSA only, and lets a message go unsigned when that fails.
 */
export function createSigner(settings: readonly DkimSettings[], now: () => Date = () => new Date()): Signer {
  const keys = readDkimKeys(settings);
  return (fields, body) => signatureFields(fields, body, keys, now());
}
