import { parseSigningKeys, readSetting, SettingError, type SigningKey } from "@paperboy/core";
import {
  DatabaseUnavailable,
  migrate,
  openStore,
  requireSchema,
  type Store,
  useEmbeddedPostgres,
} from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources/arxiv";
import { type CliConfig, placesOfFailure } from "./config.ts";
import { type DataDirectory, keptSecret, openDataDirectory } from "./runtime/data-directory.ts";
import { findService, type RunningService } from "./runtime/service-file.ts";

/** What a command has before its database is open. */
export interface CommandContext {
  readonly config: CliConfig;
  readonly data: DataDirectory;
  readonly service: RunningService | null;
  /** Where the local inbox takes mail: that of the running service, or one of this command's own. */
  inboxPort(): Promise<number | null>;
  /** Closes what this process opened, last opened first. */
  close(): Promise<void>;
}

/** The parts a command works with: those that are configured, those of a running service, embedded ones for the rest. */
export interface Runtime extends CommandContext {
  readonly store: Store;
  readonly databaseUrl: string;
  /** The environment for the API and the worker, complete; `inboxPort` is where mail goes without a relay. */
  env(inboxPort: number | null): Environment;
}

type Environment = Record<string, string | undefined>;
type Closers = (() => Promise<void>)[];

/**
 * What a command may do to a database that an older version wrote: bring its `schema` to this one, or only its `data`, such as
 * the hashes of addresses, or `nothing`.
 */
export type Upgrading = "schema" | "data" | "nothing";

/**
 * Opens the database of a command. The embedded one is this program's own and always migrated. Whatever fails, nothing stays
 * behind.
 *
 * @throws DatabaseUnavailable when the schema is older than this program and may not be changed, or newer.
 */
export async function openRuntime(
  config: CliConfig,
  say: (line: string) => void = () => {},
  upgrading: Upgrading = "data",
): Promise<Runtime> {
  const closers: Closers = [];
  const context = openCommandContext(config, closers);
  try {
    const databaseUrl = await openDatabase(config, context.data, closers, say);
    const isOurs = upgrading === "schema" || config.env.DATABASE_URL === undefined;
    const applied = await (isOurs ? migrate : requireSchema)(databaseUrl, placesOfFailure(config.env));
    if (applied.length > 0) say(`Database ready (${applied.length} migrations applied)`);
    const store = openStore({
      arxivPolicy: ARXIV_POLICY,
      url: databaseUrl,
      keys: signingKeys(config, context.data),
    });
    closers.push(() => store.close());
    if (upgrading !== "nothing") await upgradeData(store, say);
    const env = (inboxPort: number | null) => completeEnvironment(context, databaseUrl, inboxPort);
    return { ...context, store, databaseUrl, env };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** The data directory and who else works on it; `closers` are closed with it. */
export function openCommandContext(config: CliConfig, closers: Closers = []): CommandContext {
  const data = openDataDirectory(config.dataDir);
  const service = findService(data.serviceFile);
  return {
    config,
    data,
    service,
    inboxPort: () => findInbox(config, data, service, closers),
    close: async () => {
      for (const closer of closers.splice(0).reverse()) await closer();
    },
  };
}

const secretKeys = (config: CliConfig, data: DataDirectory): string =>
  config.env.SECRET_KEYS ?? keptSecret(data, "secret-keys");

const signingKeys = (config: CliConfig, data: DataDirectory): SigningKey[] =>
  readSetting("SECRET_KEYS", () => parseSigningKeys(secretKeys(config, data)));

async function upgradeData(store: Store, say: (line: string) => void): Promise<void> {
  await upgradeAddresses(store, say);
  await store.rebuildTerms((done, total) => say(`Indexing papers for the new search… ${done} of ${total}`));
}

/** Brings stored addresses to the newest rules and key; says when some can no longer be read. */
async function upgradeAddresses(store: Store, say: (line: string) => void): Promise<void> {
  await store.upgradeAddresses(new Date());
  const unreadable = await store.suppressions.unreadable();
  if (unreadable === 0) return;
  say(
    `SECRET_KEYS: ${unreadable} suppressed addresses are hashed with a key that is not there any more, and would be mailed ` +
      "again; put it back at the end",
  );
}

async function openDatabase(
  config: CliConfig,
  data: DataDirectory,
  closers: Closers,
  say: (line: string) => void,
): Promise<string> {
  if (config.env.DATABASE_URL !== undefined) return config.env.DATABASE_URL;
  say("Starting Postgres…");
  const postgres = await useEmbeddedPostgres({ directory: data.postgres }).catch((error) => {
    throw error instanceof DatabaseUnavailable
      ? new SettingError(`PAPERBOY_DATA_DIR: ${error.message}`)
      : error;
  });
  closers.push(() => postgres.release());
  return postgres.url;
}

async function findInbox(
  config: CliConfig,
  data: DataDirectory,
  service: RunningService | null,
  closers: Closers,
): Promise<number | null> {
  if (config.env.SMTP_URL !== undefined) return null;
  if (service?.inboxSmtpPort) return service.inboxSmtpPort;
  const { startInbox } = await import("@paperboy/mail");
  const inbox = await startInbox({ directory: data.inbox, port: 0 });
  closers.push(() => inbox.close());
  return inbox.port;
}

/** The environment for the API and the worker: what is configured, what can be made up for the rest, and the database. */
export function completeEnvironment(
  { config, data, service }: CommandContext,
  databaseUrl: string,
  inboxPort: number | null,
): Environment {
  return {
    MAIL_FROM: "Paperboy <paperboy@paperboy.localhost>",
    PUBLIC_URL: service?.publicUrl ?? `http://localhost:${config.port}`,
    SECRET_KEYS: secretKeys(config, data),
    SMTP_URL: `smtp://127.0.0.1:${inboxPort}`,
    ...(config.env.DATABASE_URL === undefined && { ADMIN_TOKEN: keptSecret(data, "admin-token") }),
    ...config.env,
    DATABASE_URL: databaseUrl,
  };
}
