import { isWebhookToken } from "@paperboy/core";
import type { Request } from "express";
import type { ApiConfig } from "../config.ts";
import { bearerToken, sameSecret } from "./bearer.ts";
import type { Guesses } from "./guesses.ts";
import type { Guard } from "./operation.ts";
import { Problem } from "./problem.ts";

/**
 * Lets mail services in, which can send no header of their own but know `https://name:secret@host`: HTTP Basic
 * (RFC 7617) with any name, or a bearer. The secret is the token made for this, or the administrator's.
 */
export function webhookGuard(
  { adminToken, keys }: Pick<ApiConfig, "adminToken" | "keys">,
  guesses: Guesses,
): Guard {
  return {
    scheme: "webhookToken",
    check: async (req, _res, next) => {
      const given = basicPassword(req) ?? bearerOf(req);
      await guesses.requireFew(req);
      const isAdmin = adminToken !== undefined && sameSecret(given, adminToken);
      if (!isAdmin && !isWebhookToken(given, keys)) {
        await guesses.wrong(req);
        throw unauthorized("This is not the token.");
      }
      next();
    },
  };
}

function basicPassword(req: Request): string | null {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(req.get("authorization") ?? "") ?? [];
  if (encoded === undefined) return null;
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

function bearerOf(req: Request): string {
  try {
    return bearerToken(req, "the token");
  } catch {
    throw unauthorized("Send the token as password (HTTP Basic), or as Authorization: Bearer.");
  }
}

/** Amazon sends credentials only when it has been asked for them in this way. */
function unauthorized(detail: string): Problem {
  return new Problem(401, detail, {
    headers: { "WWW-Authenticate": 'Basic realm="paperboy", charset="UTF-8"' },
  });
}
