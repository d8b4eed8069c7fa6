import { createHmac } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { ApiConfig } from "./config.ts";
import { bearerToken, sameSecret, unauthorized } from "./http/bearer.ts";
import type { Guard } from "./http/operation.ts";
import { Problem } from "./http/problem.ts";

/** Who may administer: programs by the token, people by a cookie that proves they knew it. */
export interface AdminSessions {
  /** For the API. */
  readonly guard: Guard;
  /** Whether this is the token; throws a Problem when administration is off. */
  isToken(given: string): boolean;
  /** Whether the request carries a session that has not run out. */
  isSignedIn(req: Request, now: Date): boolean;
  signIn(res: Response, now: Date): void;
  signOut(res: Response): void;
  /** Goes into every form of a session, so that another site cannot post it. */
  formToken(req: Request): string;
  isFormToken(req: Request, given: string): boolean;
}

const COOKIE = "paperboy_admin";
const SESSION_MS = 12 * 60 * 60 * 1000;

/** @param base path of the public URL. */
export function adminSessions(config: ApiConfig, base: string): AdminSessions {
  const { adminToken } = config;
  const sign = (text: string) =>
    createHmac("sha256", `${config.keys[0]?.secret}\n${adminToken}`).update(text).digest("base64url");
  const cookie = { httpOnly: true, sameSite: "strict", path: `${base}/admin` } as const;
  const secure = config.publicUrl.startsWith("https:");
  const formToken = (req: Request) => sign(`form:${cookieValue(req)}`);

  const check: RequestHandler = (req, _res, next) => {
    if (adminToken === undefined) throw new Problem(503, "Administration is off: ADMIN_TOKEN is not set.");
    if (!sameSecret(bearerToken(req, "ADMIN_TOKEN"), adminToken)) {
      throw unauthorized("This is not the ADMIN_TOKEN.");
    }
    next();
  };

  return {
    guard: { scheme: "adminToken", check },
    isToken: (given) => {
      if (adminToken === undefined) {
        throw new Problem(404, "Administration is off: set ADMIN_TOKEN to switch it on.");
      }
      return sameSecret(given, adminToken);
    },
    isSignedIn: (req, now) => {
      const [expiry = "", mac = ""] = cookieValue(req).split(".");
      const genuine = adminToken !== undefined && sameSecret(mac, sign(`session:${expiry}`));
      return genuine && Number.parseInt(expiry, 36) > now.getTime();
    },
    signIn: (res, now) => {
      const expiry = (now.getTime() + SESSION_MS).toString(36);
      res.cookie(COOKIE, `${expiry}.${sign(`session:${expiry}`)}`, { ...cookie, secure, maxAge: SESSION_MS });
    },
    signOut: (res) => {
      res.clearCookie(COOKIE, { ...cookie, secure });
    },
    formToken,
    isFormToken: (req, given) => sameSecret(given, formToken(req)),
  };
}

function cookieValue(req: Request): string {
  const pairs = (req.get("cookie") ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([name]) => name === COOKIE)?.[1] ?? "";
}
