import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What a link is for; a token of one purpose is worth nothing for another. */
export type LinkPurpose = "confirm" | "manage" | "mark" | "unsubscribe" | "view";

/** A signing key and the short id that tokens carry, so that keys can be rotated. */
export interface SigningKey {
  readonly id: string;
  readonly secret: string;
}

export type LinkToken =
  | {
      readonly ok: true;
      readonly id: string;
      /** Null for a token that ends with its key only. */
      readonly expiresAt: Date | null;
      /** What the token was bound to; null when to nothing. */
      readonly boundTo: string | null;
    }
  | { readonly ok: false; readonly reason: "malformed" | "forged" | "expired" };

const MAC_BYTES = 20;

/**
 * Reads `SECRET_KEYS`: secrets separated by commas, each optionally preceded by `id:`. The first signs, all
 * verify.
 *
 * @throws Error when there is none, or one is shorter than 16 characters.
 */
export function parseSigningKeys(text: string): SigningKey[] {
  const keys = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(parseKey);
  if (keys.length === 0) throw new Error("no key is given");
  if (new Set(keys.map((key) => key.id)).size < keys.length) throw new Error("two keys share an id");
  return keys;
}

function parseKey(text: string): SigningKey {
  const found = /^([A-Za-z0-9_-]{1,16}):(.+)$/.exec(text);
  const secret = found?.[2] ?? text;
  if (secret.length < 16) throw new Error("a key needs at least 16 characters");
  return { id: found?.[1] ?? createHash("sha256").update(secret).digest("base64url").slice(0, 6), secret };
}

/**
 * Signs a link: `keyId.uuid.expiry.mac`, or `keyId.uuid.expiry.bound.mac`, URL-safe. The same input gives the same
 * token, so that a mail sent again carries the same links.
 *
 * @param id a UUID.
 * @param expiresAt undefined for a token that stays valid as long as its key, as unsubscribing must.
 * @param boundTo at most 22 of `A-Za-z0-9_-` that the token names beside its id, such as the hash of what it confirms.
 */
export function signLink(
  purpose: LinkPurpose,
  id: string,
  keys: readonly SigningKey[],
  expiresAt?: Date,
  boundTo?: string,
): string {
  const key = keys[0];
  if (key === undefined) throw new Error("no signing key");
  const expiry = expiresAt === undefined ? "0" : Math.floor(expiresAt.getTime() / 1000).toString(36);
  const packed = Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");
  const body = [key.id, packed, expiry, ...(boundTo === undefined ? [] : [boundTo])].join(".");
  return `${body}.${mac(purpose, body, key).toString("base64url")}`;
}

/** Checks a link's token in constant time and gives the id it was signed for. */
export function verifyLink(
  purpose: LinkPurpose,
  token: string,
  keys: readonly SigningKey[],
  now: Date,
): LinkToken {
  const parts = token.split(".");
  const [keyId, packed, expiry] = parts;
  const given = parts.at(-1);
  if ((parts.length !== 4 && parts.length !== 5) || !keyId || !packed || !expiry || !given) {
    return { ok: false, reason: "malformed" };
  }
  const id = unpackUuid(packed);
  if (id === undefined) return { ok: false, reason: "malformed" };
  const key = keys.find((candidate) => candidate.id === keyId);
  if (key === undefined) return { ok: false, reason: "forged" };
  const expected = mac(purpose, parts.slice(0, -1).join("."), key);
  const actual = Buffer.from(given, "base64url");
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected))
    return { ok: false, reason: "forged" };
  const expiresAt = expiry === "0" ? null : new Date(Number.parseInt(expiry, 36) * 1000);
  if (expiresAt !== null && expiresAt < now) return { ok: false, reason: "expired" };
  return { ok: true, id, expiresAt, boundTo: parts.length === 5 ? (parts[3] as string) : null };
}

function mac(purpose: LinkPurpose, body: string, key: SigningKey): Buffer {
  return createHmac("sha256", key.secret)
    .update(`paperboy:${purpose}:${body}`)
    .digest()
    .subarray(0, MAC_BYTES);
}

function unpackUuid(packed: string): string | undefined {
  const hex = Buffer.from(packed, "base64url").toString("hex");
  if (hex.length !== 32) return undefined;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
