import { parseSigningKeys, type SigningKey, type UnknownPolicy } from "@paperboy/core";
import { parseSender, type Sender } from "@paperboy/mail";
import { z } from "zod";

/** Everything the worker reads from the environment. */
export interface WorkerConfig {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly smtpUrl: string;
  readonly smtpConnections: number;
  readonly publicUrl: string;
  readonly from: Sender;
  readonly keys: readonly SigningKey[];
  readonly dkim:
    | { readonly domain: string; readonly selector: string; readonly privateKey: string }
    | undefined;
  readonly unknownPolicy: UnknownPolicy;
  readonly leaseSeconds: number;
  /** Lets sources be on this machine or its network. */
  readonly allowPrivateSources: boolean;
}

/** Names the setting that is missing or wrong. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const shape = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must look like postgresql://user:password@host:5432/database"),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, "must look like redis://host:6379")
    .optional(),
  SMTP_URL: z.string().regex(/^smtps?:\/\//, "must look like smtp://host:25 or smtps://user:password@host"),
  SMTP_CONNECTIONS: z.coerce.number().int().min(1).max(100).default(5),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: "must look like https://papers.example.org" }),
  MAIL_FROM: z.string(),
  SECRET_KEYS: z.string(),
  DKIM_DOMAIN: z.string().optional(),
  DKIM_SELECTOR: z.string().optional(),
  DKIM_PRIVATE_KEY: z.string().optional(),
  UNKNOWN_POLICY: z.enum(["hold", "retry"], "must be hold or retry").default("hold"),
  PAPERBOY_ALLOW_PRIVATE_SOURCES: z.enum(["0", "1"], "must be 0 or 1").default("0"),
  LEASE_SECONDS: z.coerce.number().int().min(2).max(3600).default(30),
});

/**
 * Reads the worker's settings. An empty value counts as unset.
 *
 * @throws ConfigError naming the first setting that is missing or wrong; half a DKIM configuration is wrong.
 */
export function readWorkerConfig(env: Readonly<Record<string, string | undefined>>): WorkerConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = shape.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    throw new ConfigError(`${name} ${given[name] === undefined ? "is not set" : issue?.message}`);
  }
  const settings = parsed.data;
  return {
    databaseUrl: settings.DATABASE_URL,
    redisUrl: settings.REDIS_URL,
    smtpUrl: settings.SMTP_URL,
    smtpConnections: settings.SMTP_CONNECTIONS,
    publicUrl: settings.PUBLIC_URL,
    from: naming("MAIL_FROM", () => parseSender(settings.MAIL_FROM)),
    keys: naming("SECRET_KEYS", () => parseSigningKeys(settings.SECRET_KEYS)),
    dkim: readDkim(settings),
    unknownPolicy: settings.UNKNOWN_POLICY,
    leaseSeconds: settings.LEASE_SECONDS,
    allowPrivateSources: settings.PAPERBOY_ALLOW_PRIVATE_SOURCES === "1",
  };
}

function readDkim(settings: z.infer<typeof shape>): WorkerConfig["dkim"] {
  const { DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY } = settings;
  const given = { DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY };
  const missing = Object.entries(given).filter(([, value]) => value === undefined);
  if (missing.length === 3) return undefined;
  if (missing.length > 0)
    throw new ConfigError(`${missing[0]?.[0]} is not set, though other DKIM settings are`);
  return {
    domain: DKIM_DOMAIN as string,
    selector: DKIM_SELECTOR as string,
    privateKey: (DKIM_PRIVATE_KEY as string).replaceAll("\\n", "\n"),
  };
}

function naming<Value>(setting: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new ConfigError(`${setting}: ${(error as Error).message}`);
  }
}
