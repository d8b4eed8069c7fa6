import { type LinkPurpose, type SigningKey, verifyLink } from "@paperboy/core";
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
  const link = verifyLink(purpose, token, keys, now);
  if (link.ok) return link.id;
  throw new Problem(link.reason === "expired" ? 410 : 400, WORDS[link.reason]);
}

/** The `token` of an address; empty when there is none or more than one. */
export function tokenInQuery(req: Request): string {
  const { token } = req.query;
  return typeof token === "string" ? token : "";
}
