import { createHmac, timingSafeEqual } from "node:crypto";
import type { SigningKey } from "./links.ts";

/**
 * The secret by which a mail service tells of mails that came back: good for that and for nothing else, so that it may
 * stand in another company's settings. 32 URL-safe characters; it changes with the first signing key.
 */
export function webhookToken(keys: readonly SigningKey[]): string {
  const [key] = keys;
  if (key === undefined) throw new Error("no signing key");
  return tokenOf(key);
}

/** Whether a token was made with one of the keys; told in constant time. */
export function isWebhookToken(given: string, keys: readonly SigningKey[]): boolean {
  const digest = Buffer.from(given);
  return keys.some((key) => {
    const expected = Buffer.from(tokenOf(key));
    return digest.length === expected.length && timingSafeEqual(digest, expected);
  });
}

const tokenOf = (key: SigningKey): string =>
  createHmac("sha256", key.secret).update("paperboy:webhook:bounces").digest("base64url").slice(0, 32);
