import {
  HOUR_MS,
  type Paces,
  parsePaces,
  parseSigningKeys,
  readEnv,
  readSetting,
  SettingError,
  type SettingShape,
  type SigningKey,
  type UnknownPolicy,
} from "@paperboy/core";
import type { RetentionDays } from "@paperboy/db";
import { DkimError, type DkimSettings, parseSender, readDkimKeys, type Sender } from "@paperboy/mail";
import { z } from "zod";

/** Everything the worker reads from the environment. */
export interface WorkerConfig {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly smtpUrl: string;
  readonly smtpConnections: number;
  readonly publicUrl: string;
  readonly from: Sender;
  /** The postal address of who sends, on one line: many countries require one in mails to subscribers. */
  readonly postalAddress: string | undefined;
  readonly keys: readonly SigningKey[];
  /** Each signs every mail; none when DKIM is not configured. */
  readonly dkim: readonly DkimSettings[];
  /** Where mails that come back are taken; the sender's own address gets them when absent. */
  readonly bounceDomain: string | undefined;
  readonly unknownPolicy: UnknownPolicy;
  readonly leaseSeconds: number;
  /** How fast the relay and single destinations may be written to. */
  readonly paces: Paces;
  /** First day of a warm-up, ISO 8601. */
  readonly warmUpFrom: string | undefined;
  /** An edition goes out within this time after its hour, or not at all. */
  readonly maxLatenessMs: number;
  /** For how long what is kept. */
  readonly retention: RetentionDays;
  /** Lets sources be on this machine or its network. */
  readonly allowPrivateSources: boolean;
  /** A mirror of arXiv's services, asked instead of its own servers. */
  readonly arxivUrl: string | undefined;
}

/** Editions are read back for 60 days, confirmation links work for seven, the health of a source is judged by a month. */
const days = (least: number, usual: number) => z.coerce.number().int().min(least).max(36_500).default(usual);

const shape = {
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must look like postgresql://user:password@host:5432/database"),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, "must look like redis://host:6379")
    .optional(),
  SMTP_URL: z.string().regex(/^smtps?:\/\//, "must look like smtp://host:25 or smtps://user:password@host"),
  SMTP_CONNECTIONS: z.coerce.number().int().min(1).max(100).default(20),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: "must look like https://papers.example.org" }),
  MAIL_FROM: z.string(),
  MAIL_ADDRESS: z.string().max(200, "must be a postal address of at most 200 characters").optional(),
  SECRET_KEYS: z.string(),
  DKIM_DOMAIN: z.string().optional(),
  DKIM_SELECTOR: z.string().optional(),
  DKIM_PRIVATE_KEY: z.string().optional(),
  DKIM_ED25519_SELECTOR: z.string().optional(),
  DKIM_ED25519_PRIVATE_KEY: z.string().optional(),
  BOUNCE_DOMAIN: z
    .string()
    .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i, "must be a domain such as bounces.example.org")
    .optional(),
  UNKNOWN_POLICY: z.enum(["hold", "retry"], "must be hold or retry").default("hold"),
  PAPERBOY_ALLOW_PRIVATE_SOURCES: z.enum(["0", "1"], "must be 0 or 1").default("0"),
  PAPERBOY_ARXIV_URL: z
    .url({ protocol: /^https?$/, error: "must look like https://mirror.example.org/arxiv" })
    .optional(),
  SMTP_PACE: z.string().default(""),
  SMTP_WARM_UP_FROM: z.iso.date("must be a date such as 2026-11-24").optional(),
  MAX_LATENESS_HOURS: z.coerce.number().int().min(1).max(720).default(72),
  RETAIN_DIGESTS_DAYS: days(60, 400),
  RETAIN_DELIVERIES_DAYS: days(60, 400),
  RETAIN_REQUESTS_DAYS: days(7, 30),
  RETAIN_UNSUBSCRIBED_DAYS: days(1, 365),
  RETAIN_RUNS_DAYS: days(31, 90),
  LEASE_SECONDS: z.coerce.number().int().min(2).max(3600).default(30),
} satisfies SettingShape;

/** The settings that the worker reads. */
export const WORKER_SETTINGS = Object.keys(shape);

/**
 * Reads the worker's settings. An empty value counts as unset.
 *
 * @throws SettingError naming the first setting that is missing or wrong; half a DKIM configuration is wrong.
 */
export function readWorkerConfig(env: Readonly<Record<string, string | undefined>>): WorkerConfig {
  const settings = readEnv(shape, env);
  return {
    databaseUrl: settings.DATABASE_URL,
    redisUrl: settings.REDIS_URL,
    smtpUrl: settings.SMTP_URL,
    smtpConnections: settings.SMTP_CONNECTIONS,
    publicUrl: settings.PUBLIC_URL,
    postalAddress: settings.MAIL_ADDRESS,
    from: readSetting("MAIL_FROM", () => parseSender(settings.MAIL_FROM)),
    keys: readSetting("SECRET_KEYS", () => parseSigningKeys(settings.SECRET_KEYS)),
    dkim: readDkim(settings),
    bounceDomain: settings.BOUNCE_DOMAIN,
    unknownPolicy: settings.UNKNOWN_POLICY,
    leaseSeconds: settings.LEASE_SECONDS,
    paces: readSetting("SMTP_PACE", () => parsePaces(settings.SMTP_PACE)),
    warmUpFrom: settings.SMTP_WARM_UP_FROM,
    maxLatenessMs: settings.MAX_LATENESS_HOURS * HOUR_MS,
    retention: {
      digests: settings.RETAIN_DIGESTS_DAYS,
      deliveries: settings.RETAIN_DELIVERIES_DAYS,
      requests: settings.RETAIN_REQUESTS_DAYS,
      unsubscribed: settings.RETAIN_UNSUBSCRIBED_DAYS,
      runs: settings.RETAIN_RUNS_DAYS,
    },
    allowPrivateSources: settings.PAPERBOY_ALLOW_PRIVATE_SOURCES === "1",
    arxivUrl: settings.PAPERBOY_ARXIV_URL,
  };
}

/**
 * The keys that sign: as many as there are selectors, RSA or Ed25519, so that a new key can stand beside an old one while DNS
 * learns of it; and an Ed25519 key of its own settings (RFC 8463). Half a configuration is wrong.
 */
function readDkim(settings: ReturnType<typeof readEnv<typeof shape>>): DkimSettings[] {
  const { DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY } = settings;
  const { DKIM_ED25519_SELECTOR, DKIM_ED25519_PRIVATE_KEY } = settings;
  const isSigned = allOrNone({ DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY });
  const hasEd = allOrNone({ DKIM_ED25519_SELECTOR, DKIM_ED25519_PRIVATE_KEY });
  if (hasEd && !isSigned) throw new SettingError("DKIM_DOMAIN is not set, though other DKIM settings are");
  if (!isSigned) return [];
  const domain = DKIM_DOMAIN as string;
  const keys = dkimKeys(domain, DKIM_SELECTOR as string, DKIM_PRIVATE_KEY as string, "DKIM");
  if (!hasEd) return keys;
  const [selector, pem] = [DKIM_ED25519_SELECTOR as string, DKIM_ED25519_PRIVATE_KEY as string];
  const both = [...keys, ...dkimKeys(domain, selector, pem, "DKIM_ED25519")];
  requireReadable(both, "DKIM_ED25519");
  return both;
}

const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g;

/** @param prefix of the settings they come from: `DKIM` or `DKIM_ED25519`. */
function dkimKeys(domain: string, selectors: string, text: string, prefix: string): DkimSettings[] {
  const names = selectors.split(",").map((name) => name.trim());
  // Where an environment holds one line only, line breaks are written as \n.
  const pems = text.replaceAll("\\n", "\n").match(PEM) ?? [];
  if (pems.length !== names.length) {
    throw new SettingError(
      `${prefix}_PRIVATE_KEY holds ${pems.length} PEM private keys for ${names.length} selectors: each needs one, in the same order`,
    );
  }
  const keys = names.map((selector, place) => ({ domain, selector, privateKey: pems[place] as string }));
  requireReadable(keys, prefix);
  return keys;
}

/** A key that cannot sign is found here, before anything else could be blamed for it. */
function requireReadable(keys: readonly DkimSettings[], prefix: string): void {
  try {
    readDkimKeys(keys);
  } catch (error) {
    if (!(error instanceof DkimError)) throw error;
    const settings = { domain: "DKIM_DOMAIN", selector: `${prefix}_SELECTOR`, key: `${prefix}_PRIVATE_KEY` };
    throw new SettingError(`${settings[error.part]}: ${error.message}`);
  }
}

function allOrNone(given: Readonly<Record<string, string | undefined>>): boolean {
  const missing = Object.keys(given).filter((name) => given[name] === undefined);
  if (missing.length === Object.keys(given).length) return false;
  if (missing.length > 0) throw new SettingError(`${missing[0]} is not set, though other DKIM settings are`);
  return true;
}
