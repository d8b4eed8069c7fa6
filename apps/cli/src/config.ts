import { isIPv4 } from "node:net";
import { resolve } from "node:path";
import {
  type Environment,
  type Places,
  readEnv,
  readSetting,
  SettingError,
  type SettingShape,
  settingsOf,
} from "@paperboy/core";
import type { parseSender, SendingFault, SendingSettings } from "@paperboy/mail";
import { z } from "zod";

/** The halves of the service: `api` answers people and takes bounces, `worker` reads sources, plans and sends. */
export type ServiceRole = "all" | "api" | "worker";

/** What the command line itself reads; the API and the worker read their own settings. */
export interface CliConfig {
  readonly dataDir: string;
  readonly port: number;
  readonly inboxSmtpPort: number;
  /** Where mails that come back are taken; nowhere when absent. */
  readonly bounceSmtpPort: number | undefined;
  /** The address of this machine on which they are taken. */
  readonly bounceSmtpHost: string;
  /** Least severe lines that are logged, on stderr; `info` for the service and `warn` for commands when absent. */
  readonly logLevel: string | undefined;
  /** Faults with which mail may leave this machine all the same. */
  readonly allow: Readonly<Record<SendingFault["name"], boolean>>;
  /** Which half of the service `start` runs. */
  readonly role: ServiceRole;
  /** Where a worker without an API tells how it does; nowhere when absent. */
  readonly workerPort: number | undefined;
  /** The environment the apps read, before embedded parts fill in what is not configured. */
  readonly env: Environment;
}

const port = z.coerce.number({ error: "must be a port number" }).int().min(0).max(65_535);

const yesOrNo = z.enum(["0", "1"], "must be 0 or 1").default("0");

const DATA_DIR = ".paperboy";

const shape = {
  PAPERBOY_DATA_DIR: z.string().default(DATA_DIR),
  PAPERBOY_ROLE: z.enum(["all", "api", "worker"], "must be all, api or worker").default("all"),
  WORKER_PORT: port.optional(),
  PORT: port.default(3000),
  INBOX_SMTP_PORT: port.default(1025),
  BOUNCE_SMTP_PORT: port.optional(),
  BOUNCE_SMTP_HOST: z
    .union([z.ipv4(), z.ipv6(), z.literal("localhost")], "must be an IP address")
    .default("0.0.0.0"),
  PAPERBOY_ALLOW_HTTP: yesOrNo,
  PAPERBOY_ALLOW_UNSIGNED: yesOrNo,
  PAPERBOY_ALLOW_UNALIGNED: yesOrNo,
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).optional(),
  DOCTOR_SKIP_DNS: yesOrNo,
} satisfies SettingShape;

/** The settings that the command line itself reads. */
export const CLI_SETTINGS = Object.keys(shape);

/** The environment as it was given, for those who look for names that nobody reads. */
export const givenEnvironment = (): Environment => process.env;

/** The settings that a failure outside is about: the embedded database lies in the data directory. */
export const placesOfFailure = (env = givenEnvironment()): Places => ({
  database: env.DATABASE_URL ? "DATABASE_URL" : "PAPERBOY_DATA_DIR",
  dataDir: resolve(env.PAPERBOY_DATA_DIR || DATA_DIR),
});

/**
 * Reads the command line's settings from an environment. An empty value counts as unset.
 *
 * @throws SettingError naming the first setting that is wrong.
 */
export function readCliConfig(env: Environment = process.env): CliConfig {
  const given = settingsOf(env);
  const settings = readEnv(shape, given);
  requireCompanions(given);
  const { PAPERBOY_ALLOW_HTTP, PAPERBOY_ALLOW_UNSIGNED, PAPERBOY_ALLOW_UNALIGNED } = settings;
  return {
    dataDir: resolve(settings.PAPERBOY_DATA_DIR),
    port: settings.PORT,
    inboxSmtpPort: settings.INBOX_SMTP_PORT,
    bounceSmtpPort: settings.BOUNCE_SMTP_PORT,
    bounceSmtpHost: settings.BOUNCE_SMTP_HOST,
    logLevel: settings.LOG_LEVEL,
    role: settings.PAPERBOY_ROLE,
    workerPort: settings.WORKER_PORT,
    allow: {
      https: PAPERBOY_ALLOW_HTTP === "1",
      dkim: PAPERBOY_ALLOW_UNSIGNED === "1",
      alignment: PAPERBOY_ALLOW_UNALIGNED === "1",
    },
    env: given,
  };
}

/**
 * What a laptop may leave out, a service for others must say: with a database or a relay on another machine,
 * keys and addresses made up here would lead readers nowhere.
 */
function requireCompanions(env: Environment): void {
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

/** Whether mail goes to a relay on another machine, and so to the world. */
export const leavesThisMachine = ({ env }: Pick<CliConfig, "env">): boolean => isRemote(env.SMTP_URL);

/**
 * What every command that sends asks first. A relay on this machine is asked nothing.
 *
 * @throws SettingError naming the setting with which mail must not leave, unless the operator has allowed it.
 */
export async function requireFitToSend(config: CliConfig): Promise<void> {
  if (!leavesThisMachine(config)) return;
  const mail = await import("@paperboy/mail"); // commands that send nothing need none of it
  const faults = await mail.sendingFaults(sendingSettings(config, mail.parseSender));
  const fault = faults.find(({ allowed }) => !allowed);
  if (fault === undefined) return;
  throw new SettingError(
    `${fault.says} (no mail goes to the relay of SMTP_URL until then; \`paperboy doctor\` shows everything)`,
  );
}

function sendingSettings({ env, allow }: CliConfig, parse: typeof parseSender): SendingSettings {
  return {
    from: readSetting("MAIL_FROM", () => parse(env.MAIL_FROM ?? "").address),
    envelopeDomain: env.BOUNCE_DOMAIN,
    publicUrl: env.PUBLIC_URL ?? "",
    dkim: env.DKIM_DOMAIN === undefined ? [] : [{ domain: env.DKIM_DOMAIN }],
    allow,
  };
}

function isRemote(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const host = new URL(url).hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return !(
    host === "" ||
    host === "localhost" ||
    host === "::1" ||
    (isIPv4(host) && host.startsWith("127."))
  );
}
