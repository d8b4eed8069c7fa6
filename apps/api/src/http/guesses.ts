import type { Limit } from "@paperboy/db";
import type { Request } from "express";
import type { ApiStore } from "../ports.ts";
import { Problem } from "./problem.ts";
import { visitorOf } from "./visitor.ts";

const MINUTE_MS = 60 * 1000;
/** Wrong tokens that one network may give, at sign-in and to the API together. */
const WRONG_TOKENS: Limit = { name: "wrong-token", most: 10, windowMs: 15 * MINUTE_MS };

/** Bounds how often a secret can be guessed. It holds for this machine too, and for right tokens while it is reached. */
export interface Guesses {
  /** @throws Problem 429 when the visitor has been wrong too often. */
  requireFew(req: Request): Promise<void>;
  /** Counts a wrong one. */
  wrong(req: Request): Promise<void>;
}

/** The counts are rows, so that they hold for all processes together. */
export function guesses(throttles: ApiStore["throttles"], now: () => Date): Guesses {
  return {
    requireFew: async (req) => {
      if (!(await throttles.isReached(WRONG_TOKENS, visitorOf(req).network, now()))) return;
      throw new Problem(
        429,
        "Too many wrong tokens came from your network. Please try again in 15 minutes.",
        {
          headers: { "Retry-After": String(WRONG_TOKENS.windowMs / 1000) },
        },
      );
    },
    wrong: async (req) => {
      await throttles.count(WRONG_TOKENS, visitorOf(req).network, now());
    },
  };
}
