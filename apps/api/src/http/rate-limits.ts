import { MINUTE_MS } from "@paperboy/core";
import type { RequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import type { ApiConfig } from "../config.ts";
import { Problem } from "./problem.ts";
import { visitorOf } from "./visitor.ts";

/** How often one visitor may ask for what costs something. */
export interface RateLimit {
  /** Named in the `RateLimit-Policy` header. */
  readonly name: string;
  /** Requests within the window; 0 for any number. */
  readonly most: number;
  readonly windowMs: number;
  /** Paths, with everything below them. */
  readonly paths: readonly string[];
}

/** Nobody signs in that often. */
const SIGN_INS = 30;

/** The table of limits. One-click unsubscribing is in none: it has to work for whoever comes from a crowded network. */
export function rateLimitTable({ rateLimits: { queries, requests } }: ApiConfig): RateLimit[] {
  return [
    {
      name: "queries",
      most: queries,
      windowMs: MINUTE_MS,
      paths: ["/search", "/preview", "/feeds", "/api/v1/papers/search", "/api/v1/topics/preview"],
    },
    {
      name: "requests",
      most: requests,
      windowMs: MINUTE_MS,
      paths: ["/api/v1/papers", "/api/v1/topics", "/api/v1/subscriptions", "/mark"],
    },
    // Wrong tokens are counted on top of it, for all processes together; this keeps them from asking the database at all.
    { name: "sign-in", most: SIGN_INS, windowMs: MINUTE_MS, paths: ["/admin/sign-in"] },
  ];
}

/**
 * Answers 429 to a visitor who has reached a limit, with `Retry-After` and the fields `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers-08). The machine itself is not limited. Counts are this process's.
 */
export function limitRate({ name, most, windowMs }: RateLimit): RequestHandler {
  return rateLimit({
    identifier: name,
    limit: most,
    windowMs,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    keyGenerator: (req) => visitorOf(req).network,
    skip: (req) => visitorOf(req).isThisMachine,
    handler: (_req, _res, next) =>
      next(new Problem(429, "Too many requests came from your network. Please wait a minute and try again.")),
    // The library would look at `req.ip` and `X-Forwarded-For` by itself; `visitorOf` has done that.
    validate: false,
  });
}

/** The limits that are on, each with the paths that it stands before. */
export function rateLimits(config: ApiConfig): { paths: string[]; handler: RequestHandler }[] {
  return rateLimitTable(config)
    .filter(({ most }) => most > 0)
    .map((limit) => ({ paths: [...limit.paths], handler: limitRate(limit) }));
}
