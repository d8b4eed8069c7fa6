import { createHmac, randomBytes } from "node:crypto";
import type { AdminSession } from "@paperboy/db";
import type { CookieOptions, Request, RequestHandler, Response } from "express";
import type { ApiConfig } from "./config.ts";
import { bearerToken, sameSecret, unauthorized } from "./http/bearer.ts";
import type { Guesses } from "./http/guesses.ts";
import type { Guard } from "./http/operation.ts";
import { Problem } from "./http/problem.ts";
import type { ApiStore } from "./ports.ts";

/** Who may administer: programs by the token, people by a session that began with it. */
export interface AdminSessions {
  /** For the API. */
  readonly guard: Guard;
  /** The session of a request; null when it has none that still lasts. */
  sessionOf(req: Request, now: Date): Promise<AdminSession | null>;
  /**
   * Begins a session, and ends the one the request was in; false when this is not the token.
   *
   * @throws Problem 404 when administration is off, 429 after too many wrong tokens.
   */
  signIn(req: Request, res: Response, token: string, now: Date): Promise<boolean>;
  /** Gives a session another cookie, as every change made in it does. */
  renew(session: AdminSession, res: Response, now: Date): Promise<void>;
  /** Ends the session, whoever holds its cookie. */
  signOut(req: Request, res: Response): Promise<void>;
  /** Goes into every form of a session, so that another site cannot post it. */
  formToken(session: AdminSession): string;
}

interface SessionOptions {
  readonly config: ApiConfig;
  /** Path of the public URL. */
  readonly base: string;
  readonly sessions: ApiStore["adminSessions"];
  readonly guesses: Guesses;
}

const COOKIE = "paperboy_admin";
/** A session is over after this, whatever is done in it. */
const SESSION_MS = 12 * 60 * 60 * 1000;

/** Sessions are rows, by a hash of their cookie that is made with the token: another `ADMIN_TOKEN` ends them all. */
export function adminSessions({ config, base, sessions, guesses }: SessionOptions): AdminSessions {
  const { adminToken } = config;
  const sign = (text: string) =>
    createHmac("sha256", `${config.keys[0]?.secret}\n${adminToken}`).update(text).digest("base64url");
  const hashOf = (cookie: string) => sign(`session:${cookie}`);
  const secure = config.publicUrl.startsWith("https:");
  const options: CookieOptions = { httpOnly: true, sameSite: "strict", secure, path: `${base}/` };

  const giveCookie = (res: Response, endsAt: Date, now: Date): string => {
    const cookie = randomBytes(32).toString("base64url");
    res.cookie(COOKIE, cookie, { ...options, maxAge: endsAt.getTime() - now.getTime() });
    return hashOf(cookie);
  };

  return {
    guard: { scheme: "adminToken", check: tokenCheck(adminToken, guesses) },
    sessionOf: async (req, now) => {
      const cookie = cookieValue(req);
      return adminToken === undefined || cookie === "" ? null : sessions.find(hashOf(cookie), now);
    },
    signIn: async (req, res, token, now) => {
      if (adminToken === undefined) {
        throw new Problem(404, "Administration is off: set ADMIN_TOKEN to switch it on.");
      }
      await guesses.requireFew(req);
      if (!sameSecret(token, adminToken)) {
        await guesses.wrong(req);
        return false;
      }
      await sessions.end(hashOf(cookieValue(req)));
      const endsAt = new Date(now.getTime() + SESSION_MS);
      await sessions.start(giveCookie(res, endsAt, now), endsAt, now);
      return true;
    },
    renew: ({ id, endsAt }, res, now) => sessions.rotate(id, giveCookie(res, endsAt, now), now),
    signOut: async (req, res) => {
      await sessions.end(hashOf(cookieValue(req)));
      res.clearCookie(COOKIE, options);
    },
    formToken: ({ id }) => sign(`form:${id}`),
  };
}

function tokenCheck(adminToken: string | undefined, guesses: Guesses): RequestHandler {
  return async (req, _res, next) => {
    if (adminToken === undefined) throw new Problem(503, "Administration is off: ADMIN_TOKEN is not set.");
    const given = bearerToken(req, "ADMIN_TOKEN");
    await guesses.requireFew(req);
    if (!sameSecret(given, adminToken)) {
      await guesses.wrong(req);
      throw unauthorized("This is not the ADMIN_TOKEN.");
    }
    next();
  };
}

function cookieValue(req: Request): string {
  const pairs = (req.get("cookie") ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([name]) => name === COOKIE)?.[1] ?? "";
}
