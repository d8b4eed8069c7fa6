import { createHash, timingSafeEqual } from "node:crypto";
import type { Request } from "express";
import { Problem } from "./problem.ts";

/** The token of an `Authorization: Bearer` header (RFC 6750). @throws Problem 401 when there is none. */
export function bearerToken(req: Request, what: string): string {
  const found = /^Bearer +([^\s]+) *$/i.exec(req.get("authorization") ?? "");
  if (found?.[1] === undefined) throw unauthorized(`Send ${what} as Authorization: Bearer.`);
  return found[1];
}

export function unauthorized(detail: string): Problem {
  return new Problem(401, detail, { headers: { "WWW-Authenticate": 'Bearer realm="paperboy"' } });
}

/** Compares secrets in a time that tells nothing of either, their length included. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
