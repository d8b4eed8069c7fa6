import { type LinkPurpose, type LinkToken, type SigningKey, verifyLink } from "@paperboy/core";
import type { Request } from "express";
import { Problem } from "./http/problem.ts";

const WORDS = {
  malformed: "This link is not complete. Copy all of it from the mail, or click it there.",
  forged: "This link was not made by this service, or its key is no longer in use.",
  expired: "This link has expired. Subscribe again to get a fresh one.",
} as const;

/**
 * The id a link was signed for.
 *
 * @throws Problem 410 for an expired link, 400 for one that is incomplete or not ours.
 */
export function openLink(
  purpose: LinkPurpose,
  token: string,
  keys: readonly SigningKey[],
  now: Date,
): string {
  return openBoundLink(purpose, token, keys, now).id;
}

/** The same, with what the token is bound to. */
export function openBoundLink(
  purpose: LinkPurpose,
  token: string,
  keys: readonly SigningKey[],
  now: Date,
): GenuineLink {
  const link = verifyLink(purpose, token, keys, now);
  if (link.ok) return link;
  if (link.reason === "expired")
    throw new Problem(410, purpose === "manage" || purpose === "mark" ? MANAGE_ENDED : WORDS.expired);
  throw new Problem(400, WORDS[link.reason]);
}

export type GenuineLink = Extract<LinkToken, { readonly ok: true }>;

/** Said for every manage link that was genuine once. */
export const MANAGE_ENDED =
  "This link has ended. Ask for a new one by mail on the front page, or use that of a newer digest.";

/** The `token` of an address; empty when there is none or more than one. */
export function tokenInQuery(req: Request): string {
  const { token } = req.query;
  return typeof token === "string" ? token : "";
}
