import { type ApiConfig, createMetrics, readApiConfig, startApi } from "@paperboy/api";
import { explainFailure, isReturnAddress, SettingError, type SigningKey } from "@paperboy/core";
import { openLibrary } from "@paperboy/db";
import {
  type BounceListener,
  type Inbox,
  listenForBounces,
  openBounceReader,
  openMailbox,
  startInbox,
} from "@paperboy/mail";
import { openQueue, type Queue } from "@paperboy/queue";
import { parseNewSource, parsePaperRecord } from "@paperboy/sources";
import {
  createWorkerContext,
  readWorkerConfig,
  startWorker,
  type Telemetry,
  takeBounceAndTell,
  takeWebhookAndTell,
  type WorkerContext,
  workerMetrics,
} from "@paperboy/worker";
import type { Logger } from "pino";
import type { Runtime } from "./context.ts";
import { answerHealth } from "./runtime/health.ts";
import { projectVersion, TEMPLATES_DIRECTORY } from "./runtime/project-files.ts";
import { publishService } from "./runtime/service-file.ts";

/** Closes what was opened, last opened first. */
type Closers = (() => unknown)[];

/** What both halves of the service stand on. */
interface Parts {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly closers: Closers;
  readonly inbox: Inbox | null;
  readonly apiConfig: ApiConfig;
  readonly context: WorkerContext;
  readonly queue: Queue;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly telemetry: Telemetry;
  /** Rejects, saying why, while the service cannot work. */
  ready(): Promise<void>;
}

/** Opens the parts of the service that its role asks for, each added to `closers` as soon as it is open. */
export async function assemble(runtime: Runtime, logger: Logger, closers: Closers) {
  const { role } = runtime.config;
  const parts = await openParts(runtime, logger, closers);
  if (role !== "worker") await openApi(parts);
  if (role !== "api") await openWorkerHalf(parts);
  const { publicUrl, adminToken } = parts.apiConfig;
  return {
    role,
    publicUrl,
    inbox: parts.inbox && { url: `${publicUrl}/inbox`, smtpPort: parts.inbox.port },
    adminUrl: adminToken === undefined ? null : `${publicUrl}/admin`,
  };
}

async function openParts(runtime: Runtime, logger: Logger, closers: Closers): Promise<Parts> {
  const { data, store } = runtime;
  const inbox = await openInbox(runtime);
  if (inbox) closers.push(() => inbox.close());
  const env = runtime.env(inbox?.port ?? runtime.service?.inboxSmtpPort ?? null);
  const [apiConfig, workerConfig] = [readApiConfig(env), readWorkerConfig(env)];
  const queue = await openServiceQueue(runtime, logger);
  closers.push(() => queue.close());
  const library = openLibrary(store);
  await library.refresh();
  const metrics = createMetrics(store, library, { version: projectVersion(), jobs: queue.counts });
  const telemetry: Telemetry = { log: logger, metrics: await workerMetrics(metrics.registry) };
  const directories = { templatesDir: TEMPLATES_DIRECTORY, cacheDir: data.cache };
  const context = await createWorkerContext(workerConfig, store, { ...directories, library, telemetry });
  closers.push(() => context.close());
  const ready = () => requireAnswers([store.ping(), queue.ping()]);
  return { runtime, logger, closers, inbox, apiConfig, context, queue, metrics, telemetry, ready };
}

/** What people and other services reach: API, pages, webhooks, and mails that come back. */
async function openApi(parts: Parts): Promise<void> {
  const { runtime, logger, closers, inbox, apiConfig, context, queue, metrics, telemetry, ready } = parts;
  const { config, data, store, service } = runtime;
  const { library, renderer } = context;
  const { keys } = context.config;
  const api = await startApi({
    config: apiConfig,
    store,
    library,
    hint: (name, payload) => queue.add(name as "deliver", payload as { deliveryIds: readonly string[] }),
    renderDigest: (digest) => ({ html: renderer.digestPage(digest) }),
    parsePaperRecord,
    parseSource: parseNewSource,
    takeWebhook: (provider, body, now) => takeWebhookAndTell(telemetry, store, provider, body, keys, now),
    mailbox: config.env.SMTP_URL === undefined ? openMailbox(data.inbox) : null,
    now: () => new Date(),
    logger,
    metrics,
    ready,
  });
  closers.push(() => api.close());
  if (config.bounceSmtpPort !== undefined) {
    closers.push(await openBounces(config.bounceSmtpPort, runtime, keys, telemetry));
  }
  if (service !== null) return; // commands join the first one
  const inboxSmtpPort = inbox?.port ?? null;
  const published = { pid: process.pid, publicUrl: apiConfig.publicUrl, inboxSmtpPort };
  closers.push(publishService(data.serviceFile, published));
}

/** What reads sources, plans and sends. */
async function openWorkerHalf({ runtime, logger, closers, context, queue, ready }: Parts): Promise<void> {
  const { role, workerPort, env } = runtime.config;
  const consumer = await startWorker(context, queue, (error, deliveryId) =>
    logger.error({ err: error, deliveryId }, "a mail could not be made, or sending had to pause"),
  );
  closers.push(() => consumer.close());
  if (role !== "worker" || workerPort === undefined) return;
  const health = await answerHealth({ port: workerPort, host: env.HOST ?? "127.0.0.1" }, ready);
  closers.push(() => health.close());
}

/** Throws when a part of the service does not answer, naming each that does not. */
async function requireAnswers(pings: readonly Promise<void>[]): Promise<void> {
  const faults = (await Promise.allSettled(pings)).flatMap((ping) =>
    ping.status === "rejected" ? [explainFailure(ping.reason) ?? (ping.reason as Error).message] : [],
  );
  if (faults.length > 0) throw new Error(faults.join("; "));
}

/** The local inbox, when there is no relay and no other process of this data directory has one. */
async function openInbox({ config, data, service }: Runtime): Promise<Inbox | null> {
  if (config.env.SMTP_URL !== undefined || service?.inboxSmtpPort) return null;
  if (config.role === "worker") {
    throw new SettingError(
      "SMTP_URL is not set, and no API with a local inbox runs on this PAPERBOY_DATA_DIR: a worker has nowhere to send to",
    );
  }
  return startInbox({ directory: data.inbox, port: config.inboxSmtpPort }).catch((error) => {
    throw new SettingError(`INBOX_SMTP_PORT: ${(error as Error).message}`);
  });
}

/** Accepts bounces, and returns how to stop. What strangers wrote is read in a thread of its own. */
async function openBounces(
  port: number,
  { config, store }: Runtime,
  keys: readonly SigningKey[],
  telemetry: Telemetry,
): Promise<() => Promise<void>> {
  const reader = openBounceReader();
  const take = async (raw: Buffer) =>
    void (await takeBounceAndTell(telemetry, store, raw, keys, new Date(), reader.read));
  const accepts = (address: string) => isReturnAddress(address, keys);
  const host = config.bounceSmtpHost;
  const listener: BounceListener = await listenForBounces({ port, host, accepts }, take).catch((error) => {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SettingError(`BOUNCE_SMTP_${code === "EADDRNOTAVAIL" ? "HOST" : "PORT"}: ${message}`);
  });
  return async () => {
    await listener.close();
    await reader.close();
  };
}

function openServiceQueue({ config, databaseUrl }: Runtime, logger: Logger): Promise<Queue> {
  const redis = config.env.REDIS_URL;
  const backend =
    redis === undefined
      ? ({ kind: "postgres", url: databaseUrl } as const)
      : ({ kind: "redis", url: redis } as const);
  return openQueue({
    backend,
    onError: (error) => logger.warn({ err: error }, "the queue reported an error"),
  });
}
