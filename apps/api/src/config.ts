import { parseSigningKeys, readEnv, readSetting, type SettingShape, type SigningKey } from "@paperboy/core";
import { z } from "zod";

/** Everything the API reads from the environment. */
export interface ApiConfig {
  readonly port: number;
  /** The address to listen on; loopback unless `HOST` says otherwise, so that nothing is exposed by accident. */
  readonly host: string;
  /** Where readers reach the service, without a slash at the end. */
  readonly publicUrl: string;
  /** Unset: the admin API and the admin pages are off. */
  readonly adminToken: string | undefined;
  /** Opens `/metrics`, as the admin's token does; unset: that one only. */
  readonly metricsToken: string | undefined;
  /** How many subscriptions may be asked for within an hour. */
  readonly limits: { readonly perDomain: number; readonly perLargeDomain: number };
  readonly keys: readonly SigningKey[];
  /** Where to report a weakness: an address of the form `mailto:` or `https:`; unset: no `security.txt`. */
  readonly securityContact: string | undefined;
  /** Requests of one visitor within a minute, 0 for any number: those that ask a query, and those to the public API. */
  readonly rateLimits: { readonly queries: number; readonly requests: number };
  /** Express's `trust proxy`: false, how many proxies stand in front, or their addresses. */
  readonly trustProxy: false | number | string;
}

/** A secret that is guessed by nobody, and can stand in a header. */
const token = z
  .string()
  .min(24, "needs at least 24 characters; `openssl rand -base64 32` makes a good one")
  .regex(/^[!-~]+$/, "may hold no white space and nothing outside ASCII");

const count = z.coerce.number({ error: "must be a number" }).int().min(1);

const atMost = z.coerce.number({ error: "must be a number; 0 is no limit" }).int().min(0);

const port = z.coerce.number({ error: "must be a port number" }).int().min(0).max(65_535);

const shape = {
  PORT: port.default(3000),
  HOST: z.string().default("127.0.0.1"),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: "must look like https://papers.example.org" }).optional(),
  ADMIN_TOKEN: token.optional(),
  METRICS_TOKEN: token.optional(),
  SUBSCRIBE_LIMIT_DOMAIN: count.default(200),
  SUBSCRIBE_LIMIT_LARGE_DOMAIN: count.default(2_000),
  SECRET_KEYS: z.string(),
  SECURITY_CONTACT: z
    .url({ protocol: /^(?:https|mailto)$/, error: "must look like mailto:security@example.org or https://…" })
    .optional(),
  RATE_LIMIT_QUERIES: atMost.default(240),
  RATE_LIMIT_REQUESTS: atMost.default(1_200),
  TRUST_PROXY: z
    .string()
    .refine(
      (text) => text !== "true",
      "must be a number of proxies or their addresses; true would trust anybody",
    )
    .optional(),
} satisfies SettingShape;

/** The settings that the API reads. */
export const API_SETTINGS = Object.keys(shape);

/**
 * Reads the API's settings. An empty value counts as unset.
 *
 * - `PORT` (3000; 0 takes any free port) and `HOST` (127.0.0.1; `0.0.0.0` or `::` to be reached from outside)
 * - `PUBLIC_URL` (`http://localhost:PORT`)
 * - `ADMIN_TOKEN` (unset: administration is off) and `METRICS_TOKEN`, 24 characters at least
 * - `SUBSCRIBE_LIMIT_DOMAIN` (200) and `SUBSCRIBE_LIMIT_LARGE_DOMAIN` (2,000): orders an hour for addresses of one domain
 * - `SECRET_KEYS`, which sign the links in mails
 * - `SECURITY_CONTACT` (unset: no `security.txt`): a `mailto:` or `https:` address for reports of weaknesses
 * - `RATE_LIMIT_QUERIES` (240) and `RATE_LIMIT_REQUESTS` (1,200): of one visitor within a minute; 0 is no limit
 * - `TRUST_PROXY` (unset: none): how many proxies stand in front, or a list of their addresses
 *
 * @throws SettingError naming the first setting that is missing or wrong.
 */
export function readApiConfig(env: Readonly<Record<string, string | undefined>>): ApiConfig {
  const settings = readEnv(shape, env);
  return {
    port: settings.PORT,
    host: settings.HOST,
    publicUrl: (settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`).replace(/\/+$/, ""),
    adminToken: settings.ADMIN_TOKEN,
    metricsToken: settings.METRICS_TOKEN,
    limits: {
      perDomain: settings.SUBSCRIBE_LIMIT_DOMAIN,
      perLargeDomain: settings.SUBSCRIBE_LIMIT_LARGE_DOMAIN,
    },
    keys: readSetting("SECRET_KEYS", () => parseSigningKeys(settings.SECRET_KEYS)),
    securityContact: settings.SECURITY_CONTACT,
    rateLimits: { queries: settings.RATE_LIMIT_QUERIES, requests: settings.RATE_LIMIT_REQUESTS },
    trustProxy: readTrustProxy(settings.TRUST_PROXY),
  };
}

function readTrustProxy(text: string | undefined): ApiConfig["trustProxy"] {
  if (text === undefined || text === "false" || text === "0") return false;
  return /^\d+$/.test(text) ? Number(text) : text;
}
