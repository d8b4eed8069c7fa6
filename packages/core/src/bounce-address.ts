import { createHmac, timingSafeEqual } from "node:crypto";
import type { SigningKey } from "./links.ts";

const MAC_CHARACTERS = 20;
const LOCAL = /^bounces\+([0-9a-f]{32})\.([0-9a-f]{20})$/;

/**
 * The return path of one delivery (VERP): what comes back to it tells which mail it is about, and nobody else can make
 * one up. Lower-case hex, since some systems fold local parts; 61 characters of the 64 that RFC 5321 allows.
 *
 * @param deliveryId a UUID.
 */
export function bounceAddress(deliveryId: string, domain: string, keys: readonly SigningKey[]): string {
  const [key] = keys;
  if (key === undefined) throw new Error("no signing key");
  const id = deliveryId.replaceAll("-", "").toLowerCase();
  return `bounces+${id}.${mac(id, key)}@${domain}`;
}

/** Where a reader's mail program asks to unsubscribe: beside a return path, so that one listener takes both. */
export function unsubscribeAddress(returnPath: string): string {
  return `unsubscribe${returnPath.slice(returnPath.lastIndexOf("@"))}`;
}

/**
 * Whether mail to an address may be taken before a word of it is read: a return path that was made here, or where
 * readers ask to unsubscribe, whose token is in the subject.
 */
export function isReturnAddress(address: string, keys: readonly SigningKey[]): boolean {
  return address.toLowerCase().startsWith("unsubscribe@") || deliveryOfBounceAddress(address, keys) !== null;
}

/** The delivery that a return path was made for; null when it is not one of ours, or forged. */
export function deliveryOfBounceAddress(address: string, keys: readonly SigningKey[]): string | null {
  const local = address.slice(0, Math.max(0, address.lastIndexOf("@"))).toLowerCase();
  const [, id, given] = LOCAL.exec(local) ?? [];
  if (id === undefined || given === undefined) return null;
  const isOurs = keys.some((key) => timingSafeEqual(Buffer.from(mac(id, key)), Buffer.from(given)));
  return isOurs ? id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") : null;
}

const mac = (id: string, key: SigningKey): string =>
  createHmac("sha256", key.secret).update(`paperboy:bounce:${id}`).digest("hex").slice(0, MAC_CHARACTERS);
