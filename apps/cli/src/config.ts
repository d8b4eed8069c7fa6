import { resolve } from "node:path";
import { z } from "zod";

/** What the command line itself reads; the API and the worker read their own settings. */
export interface CliConfig {
  readonly dataDir: string;
  readonly port: number;
  readonly inboxSmtpPort: number;
  /** Where mails that come back are taken; nowhere when absent. */
  readonly bounceSmtpPort: number | undefined;
  /** Least severe lines the service logs, on stderr. */
  readonly logLevel: string;
  /** The environment the apps read, before embedded parts fill in what is not configured. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Names the setting that is missing or wrong. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

const port = z.coerce.number({ error: "must be a port number" }).int().min(0).max(65_535);

const shape = z.object({
  PAPERBOY_DATA_DIR: z.string().default(".paperboy"),
  PORT: port.default(3000),
  INBOX_SMTP_PORT: port.default(1025),
  BOUNCE_SMTP_PORT: port.optional(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("warn"),
});

/**
 * Reads the command line's settings from an environment. An empty value counts as unset.
 *
 * @throws SettingError naming the first setting that is wrong.
 */
export function readCliConfig(env: Readonly<Record<string, string | undefined>> = process.env): CliConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = shape.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SettingError(`${String(issue?.path[0])}: ${issue?.message}`);
  }
  requireCompanions(given);
  return {
    dataDir: resolve(parsed.data.PAPERBOY_DATA_DIR),
    port: parsed.data.PORT,
    inboxSmtpPort: parsed.data.INBOX_SMTP_PORT,
    bounceSmtpPort: parsed.data.BOUNCE_SMTP_PORT,
    logLevel: parsed.data.LOG_LEVEL,
    env: given,
  };
}

/**
 * What a laptop may leave out, a service for others must say: with a database or a relay on another machine,
 * keys and addresses made up here would lead readers nowhere.
 */
function requireCompanions(env: Readonly<Record<string, string | undefined>>): void {
  if (isRemote(env.DATABASE_URL) && env.SECRET_KEYS === undefined) {
    throw new SettingError(
      "SECRET_KEYS is not set, though DATABASE_URL names another machine: its links would work on this one only",
    );
  }
  for (const name of ["PUBLIC_URL", "MAIL_FROM"]) {
    if (isRemote(env.SMTP_URL) && env[name] === undefined) {
      throw new SettingError(`${name} is not set, though SMTP_URL names a relay on another machine`);
    }
  }
}

function isRemote(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const host = new URL(url).hostname;
  return !(host === "" || host === "localhost" || host === "[::1]" || host.startsWith("127."));
}
