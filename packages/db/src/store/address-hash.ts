import { createHash, createHmac } from "node:crypto";
import { mailboxKey, type SigningKey } from "@paperboy/core";

/** How addresses are kept that outlive their readers: by mailbox, and as a hash that only who holds a key can try. */
export interface AddressHashes {
  /** The hash that new rows get. */
  readonly current: (address: string) => string;
  /** Every hash that rows of this mailbox may stand under, the current one first. */
  readonly all: (address: string) => string[];
  /** Ids of the keys that hashes are tried with. */
  readonly keyIds: readonly string[];
}

/**
 * Hashes by HMAC-SHA-256: `keyId.mac`. The first key makes new ones, all are tried, and so are the hashes of before, which had no
 * key. Without keys, as in tests of other things, only those are made.
 */
export function addressHashes(keys: readonly SigningKey[]): AddressHashes {
  const keyed = (address: string) => keys.map((key) => `${key.id}.${macOf(mailboxKey(address), key)}`);
  const unkeyed = (address: string) =>
    [...new Set([mailboxKey(address), address.toLowerCase()])].map(hashWithoutKey);
  const all = (address: string) => [...keyed(address), ...unkeyed(address)];
  return { all, current: (address) => all(address)[0] as string, keyIds: keys.map(({ id }) => id) };
}

const macOf = (mailbox: string, { secret }: SigningKey): string =>
  createHmac("sha256", secret).update(`paperboy:suppression:${mailbox}`).digest("base64url");

const hashWithoutKey = (text: string): string =>
  createHash("sha256").update(`paperboy:suppression:${text}`).digest("hex");
