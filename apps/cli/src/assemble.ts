import { createMetrics, readApiConfig, startApi } from "@paperboy/api";
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
  workerMetrics,
} from "@paperboy/worker";
import type { Logger } from "pino";
import type { Runtime } from "./context.ts";
import { projectVersion, TEMPLATES_DIRECTORY } from "./runtime/project-files.ts";
import { publishService } from "./runtime/service-file.ts";

/** Opens the parts of the service on a runtime, each added to `closers` as soon as it is open. */
export async function assemble(runtime: Runtime, logger: Logger, closers: (() => unknown)[]) {
  const { config, data, store } = runtime;
  const inbox = config.env.SMTP_URL === undefined ? await openInbox(runtime) : null;
  if (inbox) closers.push(() => inbox.close());
  const env = runtime.env(inbox?.port ?? null);
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
  const api = await startApi({
    config: apiConfig,
    store,
    library,
    hint: (name, payload) => queue.add(name as "deliver", payload as { deliveryIds: readonly string[] }),
    renderDigest: (digest) => ({ html: context.renderer.digestPage(digest) }),
    parsePaperRecord,
    parseSource: parseNewSource,
    takeWebhook: (provider, body, now) =>
      takeWebhookAndTell(telemetry, store, provider, body, workerConfig.keys, now),
    mailbox: inbox && openMailbox(data.inbox),
    now: () => new Date(),
    logger,
    metrics,
    ready: () => requireAnswers([store.ping(), queue.ping()]),
  });
  closers.push(() => api.close());
  const consumer = await startWorker(context, queue, (error, deliveryId) =>
    logger.error({ err: error, deliveryId }, "a mail could not be made, or sending had to pause"),
  );
  closers.push(() => consumer.close());
  if (config.bounceSmtpPort !== undefined) {
    closers.push(await openBounces(config.bounceSmtpPort, runtime, workerConfig.keys, telemetry));
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

/** Throws when a part of the service does not answer, naming each that does not. */
async function requireAnswers(pings: readonly Promise<void>[]): Promise<void> {
  const faults = (await Promise.allSettled(pings)).flatMap((ping) =>
    ping.status === "rejected" ? [explainFailure(ping.reason) ?? (ping.reason as Error).message] : [],
  );
  if (faults.length > 0) throw new Error(faults.join("; "));
}

async function openInbox({ config, data }: Runtime): Promise<Inbox> {
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
