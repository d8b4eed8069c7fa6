import { distance } from "./topic/query-errors.ts";

/**
 * Every setting there is, by the name it has in the environment. Each app reads its own in its `config.ts`; here stands
 * what all of them know together, for whoever looks for a name that none of them reads.
 */
export const SETTINGS = [
  "DATABASE_URL",
  "REDIS_URL",
  "SMTP_URL",
  "SMTP_CONNECTIONS",
  "SMTP_PACE",
  "SMTP_WARM_UP_FROM",
  "PUBLIC_URL",
  "MAIL_FROM",
  "MAIL_ADDRESS",
  "SECRET_KEYS",
  "ADMIN_TOKEN",
  "METRICS_TOKEN",
  "SUBSCRIBE_LIMIT_DOMAIN",
  "SUBSCRIBE_LIMIT_LARGE_DOMAIN",
  "DKIM_DOMAIN",
  "DKIM_SELECTOR",
  "DKIM_PRIVATE_KEY",
  "DKIM_ED25519_SELECTOR",
  "DKIM_ED25519_PRIVATE_KEY",
  "BOUNCE_DOMAIN",
  "BOUNCE_SMTP_HOST",
  "BOUNCE_SMTP_PORT",
  "PAPERBOY_ALLOW_HTTP",
  "PAPERBOY_ALLOW_UNSIGNED",
  "PAPERBOY_ALLOW_UNALIGNED",
  "PAPERBOY_ALLOW_PRIVATE_SOURCES",
  "PAPERBOY_ARXIV_URL",
  "UNKNOWN_POLICY",
  "MAX_LATENESS_HOURS",
  "LEASE_SECONDS",
  "RETAIN_DIGESTS_DAYS",
  "RETAIN_DELIVERIES_DAYS",
  "RETAIN_REQUESTS_DAYS",
  "RETAIN_UNSUBSCRIBED_DAYS",
  "RETAIN_RUNS_DAYS",
  "PAPERBOY_ROLE",
  "WORKER_PORT",
  "PORT",
  "HOST",
  "TRUST_PROXY",
  "SECURITY_CONTACT",
  "RATE_LIMIT_QUERIES",
  "RATE_LIMIT_REQUESTS",
  "INBOX_SMTP_PORT",
  "PAPERBOY_DATA_DIR",
  "LOG_LEVEL",
  "DOCTOR_SKIP_DNS",
] as const;

export type SettingName = (typeof SETTINGS)[number];

/** A name in the environment that looks like a setting and is none. */
export interface UnknownSetting {
  readonly name: string;
  /** The setting whose name is most like it. */
  readonly nearest: SettingName;
}

/** Nothing else gives names that begin so. */
const OURS = /^(?:PAPERBOY|SMTP|DKIM|BOUNCE|RETAIN|RATE_LIMIT)_/;
/** What `npm test` reads; the service does not. */
const OF_TESTS = ["PAPERBOY_REQUIRE"];
/** Other programs have settings too: away from our prefixes only a slip of the pen counts, and only in a long name. */
const MOST_EDITS = 2;
const LEAST_LENGTH = 8;

/** Settings that nobody reads, such as `SMTP_PACES`, each with the nearest one that somebody does. Empty ones count as unset. */
export function unknownSettings(env: Readonly<Record<string, string | undefined>>): UnknownSetting[] {
  const known = new Set<string>([...SETTINGS, ...OF_TESTS]);
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && env[name] !== "" && !known.has(name))
    .map((name) => ({ name, ...nearestSetting(name) }))
    .filter(({ name, edits }) => OURS.test(name) || (name.length >= LEAST_LENGTH && edits <= MOST_EDITS))
    .map(({ name, nearest }) => ({ name, nearest }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Small letters are a slip as well: the environment tells `Smtp_Url` from `SMTP_URL`. */
function nearestSetting(name: string): { readonly nearest: SettingName; readonly edits: number } {
  // Names of other programs may be of any length, and cost grows with it.
  const written = name.slice(0, 64).toUpperCase();
  const ranked = SETTINGS.map((nearest) => ({ nearest, edits: distance(written, nearest) }));
  return ranked.reduce((a, b) => (b.edits < a.edits ? b : a));
}

/** The unknown settings as a person is told of them, one line each. */
export const settingWarnings = (env: Readonly<Record<string, string | undefined>>): string[] =>
  unknownSettings(env).map(
    ({ name, nearest }) => `${name} is not a setting and is ignored; did you mean ${nearest}?`,
  );
