import { readApiConfig, startApi, storeMetrics } from "@paperboy/api";
import type { SigningKey } from "@paperboy/core";
import { openLibrary } from "@paperboy/db";
import { type BounceListener, type Inbox, listenForBounces, openMailbox, startInbox } from "@paperboy/mail";
import { openQueue, type Queue } from "@paperboy/queue";
import { parseNewSource, parsePaperRecord, samplePapers } from "@paperboy/sources";
import {
  createWorkerContext,
  readWorkerConfig,
  startWorker,
  takeBounce,
  takeWebhook,
} from "@paperboy/worker";
import type { Logger } from "pino";
import { type CliConfig, requireFitToSend, SettingError } from "./config.ts";
import { openRuntime, type Runtime } from "./context.ts";
import { openDataDirectory } from "./runtime/data-directory.ts";
import { requirePorts } from "./runtime/ports.ts";
import { TEMPLATES_DIRECTORY } from "./runtime/project-files.ts";
import { findService, publishService } from "./runtime/service-file.ts";

/** The whole service in one process. */
export interface RunningPaperboy {
  readonly publicUrl: string;
  /** Null when a relay is configured. */
  readonly inbox: { readonly url: string; readonly smtpPort: number } | null;
  /** Null when administration is off. */
  readonly adminUrl: string | null;
  /** Stops taking work, finishes what is under way, closes everything. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts API, worker and, for what is not configured, embedded parts. When anything fails, what had been
 * started is stopped again before the error is thrown.
 */
export async function startPaperboy(
  config: CliConfig,
  logger: Logger,
  say: (line: string) => void,
  options: { readonly sample: boolean } = { sample: true },
): Promise<RunningPaperboy> {
  const closers: (() => unknown)[] = [];
  const stop = once(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  try {
    refuseSecondService(config);
    await requireFitToSend(config);
    await requirePorts(config);
    const runtime = await openRuntime(config, say);
    closers.push(() => runtime.close());
    if (options.sample) await ingestSample(runtime, say);
    return { ...(await assemble(runtime, logger, closers)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(runtime: Runtime, logger: Logger, closers: (() => unknown)[]) {
  const { config, data, store } = runtime;
  const inbox = config.env.SMTP_URL === undefined ? await openInbox(runtime) : null;
  if (inbox) closers.push(() => inbox.close());
  const env = runtime.env(inbox?.port ?? null);
  const [apiConfig, workerConfig] = [readApiConfig(env), readWorkerConfig(env)];
  const queue = await openServiceQueue(runtime, logger);
  closers.push(() => queue.close());
  const library = openLibrary(store);
  await library.refresh();
  const directories = { templatesDir: TEMPLATES_DIRECTORY, cacheDir: data.cache };
  const context = await createWorkerContext(workerConfig, store, { ...directories, library });
  closers.push(() => context.close());
  const api = await startApi({
    config: apiConfig,
    store,
    library,
    hint: (name, payload) => queue.add(name as "deliver", payload as { deliveryIds: readonly string[] }),
    renderDigest: (digest) => ({ html: context.renderer.digestPage(digest) }),
    parsePaperRecord,
    parseSource: parseNewSource,
    takeWebhook: (provider, body, now) => takeWebhook(store, provider, body, workerConfig.keys, now),
    mailbox: inbox && openMailbox(data.inbox),
    now: () => new Date(),
    logger,
    metrics: storeMetrics(store, library),
    ready: async () => void (await Promise.all([store.ping(), queue.ping()])),
  });
  closers.push(() => api.close());
  const consumer = await startWorker(context, queue, (error, deliveryId) =>
    logger.error({ err: error, deliveryId }),
  );
  closers.push(() => consumer.close());
  if (config.bounceSmtpPort !== undefined) {
    const bounces = await openBounces(config.bounceSmtpPort, runtime, workerConfig.keys);
    closers.push(() => bounces.close());
  }
  const inboxSmtpPort = inbox?.port ?? null;
  closers.push(
    publishService(data.serviceFile, { pid: process.pid, publicUrl: apiConfig.publicUrl, inboxSmtpPort }),
  );
  const base = apiConfig.publicUrl;
  return {
    publicUrl: base,
    inbox: inbox && { url: `${base}/inbox`, smtpPort: inbox.port },
    adminUrl: apiConfig.adminToken === undefined ? null : `${base}/admin`,
  };
}

function refuseSecondService(config: CliConfig): void {
  const running = findService(openDataDirectory(config.dataDir).serviceFile);
  if (running === null) return;
  throw new SettingError(
    `PAPERBOY_DATA_DIR: a service already runs on ${config.dataDir} (process ${running.pid}, ${running.publicUrl})`,
  );
}

async function openInbox({ config, data }: Runtime): Promise<Inbox> {
  return startInbox({ directory: data.inbox, port: config.inboxSmtpPort }).catch((error) => {
    throw new SettingError(`INBOX_SMTP_PORT: ${(error as Error).message}`);
  });
}

function openBounces(port: number, { store }: Runtime, keys: readonly SigningKey[]): Promise<BounceListener> {
  const take = async (raw: Buffer) => void (await takeBounce(store, raw, keys, new Date()));
  return listenForBounces({ port }, take).catch((error) => {
    throw new SettingError(`BOUNCE_SMTP_PORT: ${(error as Error).message}`);
  });
}

/** A service that knows no paper and no source shows a bundled sample, so that there is something to try it on. */
async function ingestSample({ store }: Runtime, say: (line: string) => void): Promise<void> {
  if ((await store.papers.count()) > 0 || (await store.sources.count()) > 0) return;
  const now = new Date();
  const sample = samplePapers(now);
  await store.ingest({ name: "sample", kind: "sample" }, sample, now);
  await store.papers.announce(now);
  say(`Ingested a sample of ${sample.length} papers`);
}

function openServiceQueue({ config, databaseUrl }: Runtime, logger: Logger): Promise<Queue> {
  const redis = config.env.REDIS_URL;
  const backend =
    redis === undefined
      ? ({ kind: "postgres", url: databaseUrl } as const)
      : ({ kind: "redis", url: redis } as const);
  return openQueue({ backend, onError: (error) => logger.warn({ err: error }, "queue") });
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
