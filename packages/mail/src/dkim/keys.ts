import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { domainToASCII } from "node:url";

/** One key that signs outgoing mail (RFC 6376): RSA, or Ed25519 (RFC 8463). */
export interface DkimSettings {
  /** The `d=` tag: the domain that vouches for the mail. */
  readonly domain: string;
  /** The `s=` tag: the key is published at `<selector>._domainkey.<domain>`. */
  readonly selector: string;
  /** PEM, PKCS#8 or PKCS#1. */
  readonly privateKey: string;
}

/** A key that was read and found fit to sign. */
export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  readonly type: "rsa" | "ed25519";
  readonly privateKey: KeyObject;
}

/** What to publish: a TXT record at `name`. */
export interface DkimRecord {
  readonly name: string;
  readonly value: string;
}

/** A key, or a name it is to be published at, with which nothing can be signed; `part` says which of the three is at fault. */
export class DkimError extends Error {
  override readonly name = "DkimError";
  readonly part: "domain" | "selector" | "key";

  constructor(part: DkimError["part"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.part = part;
  }
}

/** RFC 8301 section 3.2: signers must use at least this many bits, and should use 2048. */
const LEAST_BITS = 1024;

const NAME = /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*$/i;

/** Reads a key once: parsing a PEM costs more than signing. Throws DkimError, in one line, when it can not sign. */
export function readDkimKey({ domain, selector, privateKey: pem }: DkimSettings): DkimKey {
  const asciiDomain = NAME.test(domain) ? domain.toLowerCase() : domainToASCII(domain);
  // `domainToASCII` drops line breaks instead of refusing them.
  if (/\s/.test(domain) || !NAME.test(asciiDomain))
    throw new DkimError("domain", `the DKIM domain ${JSON.stringify(domain)} is not a domain name`);
  if (!NAME.test(selector))
    throw new DkimError("selector", `the DKIM selector "${selector}" can not stand in a DNS name`);
  const privateKey = readPem(pem, selector);
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  const type = privateKey.asymmetricKeyType;
  if (type !== "rsa" && type !== "ed25519") {
    throw new DkimError(
      "key",
      `the DKIM key "${selector}" must be an RSA or Ed25519 key, this one is ${type}`,
    );
  }
  if (type === "rsa" && bits < LEAST_BITS) {
    throw new DkimError(
      "key",
      `the DKIM key "${selector}" has ${bits} bits, RSA keys need at least ${LEAST_BITS}, better 2048`,
    );
  }
  return { domain: asciiDomain, selector, type, privateKey };
}

/** Reads all keys that are to sign. Throws DkimError when one can not, or when two would share one DNS record. */
export function readDkimKeys(settings: readonly DkimSettings[]): DkimKey[] {
  const keys = settings.map(readDkimKey);
  const places = new Set<string>();
  for (const { domain, selector } of keys) {
    const place = `${selector}._domainkey.${domain}`.toLowerCase();
    if (places.has(place)) throw new DkimError("selector", `two DKIM keys would be published at ${place}`);
    places.add(place);
  }
  return keys;
}

/** The TXT record that lets others verify what `settings` sign (RFC 6376 section 3.6.1, RFC 8463 section 4). */
export function dkimRecord(settings: DkimSettings): DkimRecord {
  const { domain, selector, type, privateKey } = readDkimKey(settings);
  const info = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  // An Ed25519 key is published bare: the last 32 octets of its SubjectPublicKeyInfo.
  const octets = type === "ed25519" ? info.subarray(-32) : info;
  return {
    name: `${selector}._domainkey.${domain}`,
    value: `v=DKIM1; k=${type}; p=${octets.toString("base64")}`,
  };
}

/** A new RSA and a new Ed25519 key, whose selectors carry the month so that the next pair can stand beside them. */
export function generateDkimKeys(domain: string, date: Date): readonly [rsa: DkimSettings, ed: DkimSettings] {
  const month = date.toISOString().slice(0, 7).replace("-", "");
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const ed = generateKeyPairSync("ed25519").privateKey;
  return [
    { domain, selector: `paperboy-${month}-rsa`, privateKey: pemOf(rsa) },
    { domain, selector: `paperboy-${month}-ed`, privateKey: pemOf(ed) },
  ];
}

function readPem(pem: string, selector: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const isLocked = /^-----BEGIN ENCRYPTED |^Proc-Type: *4,ENCRYPTED/m.test(pem);
    const what = isLocked ? "is behind a passphrase; give it without" : "is not a readable PEM private key";
    throw new DkimError("key", `the DKIM key "${selector}" ${what}`, { cause });
  }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
