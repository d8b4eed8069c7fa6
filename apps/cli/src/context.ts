import { DatabaseUnavailable, migrate, openStore, type Store, useEmbeddedPostgres } from "@paperboy/db";
import { type CliConfig, SettingError } from "./config.ts";
import { type DataDirectory, keptSecret, openDataDirectory } from "./runtime/data-directory.ts";
import { findService, type RunningService } from "./runtime/service-file.ts";

/** The parts a command works with: those that are configured, those of a running service, embedded ones for the rest. */
export interface Runtime {
  readonly config: CliConfig;
  readonly data: DataDirectory;
  readonly service: RunningService | null;
  readonly store: Store;
  readonly databaseUrl: string;
  /** The environment for the API and the worker, complete; `inboxPort` is where mail goes without a relay. */
  env(inboxPort: number | null): Record<string, string | undefined>;
  /** Where the local inbox takes mail: that of the running service, or one of this command's own. */
  inboxPort(): Promise<number | null>;
  /** Closes what this process opened, last opened first. */
  close(): Promise<void>;
}

/** Opens the database of a command, migrated; whatever fails, nothing stays behind. */
export async function openRuntime(
  config: CliConfig,
  say: (line: string) => void = () => {},
): Promise<Runtime> {
  const data = openDataDirectory(config.dataDir);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const databaseUrl = await openDatabase(config, data, closers, say);
    const applied = await migrate(databaseUrl);
    if (applied.length > 0) say(`Database ready (${applied.length} migrations applied)`);
    const store = openStore({ url: databaseUrl });
    closers.push(() => store.close());
    const service = findService(data.serviceFile);
    const env = completeEnvironment(config, data, service, databaseUrl);
    const inboxPort = () => findInbox(config, data, service, closers);
    return { config, data, service, store, databaseUrl, env, inboxPort, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openDatabase(
  config: CliConfig,
  data: DataDirectory,
  closers: (() => Promise<void>)[],
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
  closers: (() => Promise<void>)[],
): Promise<number | null> {
  if (config.env.SMTP_URL !== undefined) return null;
  if (service?.inboxSmtpPort) return service.inboxSmtpPort;
  const { startInbox } = await import("@paperboy/mail");
  const inbox = await startInbox({ directory: data.inbox, port: 0 });
  closers.push(() => inbox.close());
  return inbox.port;
}

function completeEnvironment(
  config: CliConfig,
  data: DataDirectory,
  service: RunningService | null,
  databaseUrl: string,
): Runtime["env"] {
  return (inboxPort) => ({
    MAIL_FROM: "Paperboy <paperboy@paperboy.localhost>",
    PUBLIC_URL: service?.publicUrl ?? `http://localhost:${config.port}`,
    SECRET_KEYS: config.env.SECRET_KEYS ?? keptSecret(data, "secret-keys"),
    SMTP_URL: `smtp://127.0.0.1:${inboxPort}`,
    ...(config.env.DATABASE_URL === undefined && { ADMIN_TOKEN: keptSecret(data, "admin-token") }),
    ...config.env,
    DATABASE_URL: databaseUrl,
  });
}
