import { createPrivateKey } from "node:crypto";
import DKIM from "nodemailer/lib/dkim";

/** One RSA key that signs outgoing mail (RFC 6376). */
export interface DkimSettings {
  /** The `d=` tag: the domain that vouches for the mail. */
  readonly domain: string;
  /** The `s=` tag: the key is published at `<selector>._domainkey.<domain>`. */
  readonly selector: string;
  /** PEM, PKCS#8 or PKCS#1. */
  readonly privateKey: string;
}

/** RFC 8058 section 4 wants both unsubscribe fields under the signature; the library's own list lacks one. */
const SIGNED_FIELDS = [
  "From",
  "To",
  "Subject",
  "Date",
  "Message-ID",
  "MIME-Version",
  "Content-Type",
  "List-Id",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
  "Auto-Submitted",
  "Feedback-ID",
].join(":");

/** A signer for a stream of one message. Throws when the key is unreadable, or no RSA key. */
export function createSigner({ domain, selector, privateKey }: DkimSettings): DKIM {
  const key = readKey(privateKey);
  if (key.asymmetricKeyType !== "rsa") {
    throw new Error(`the DKIM key must be an RSA key, this one is ${key.asymmetricKeyType}`);
  }
  // Parsed once: parsing a PEM costs more than signing.
  return new DKIM({
    domainName: domain,
    keySelector: selector,
    privateKey: key,
    headerFieldNames: SIGNED_FIELDS,
  });
}

function readKey(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Error("the DKIM key is not a readable PEM private key", { cause });
  }
}
