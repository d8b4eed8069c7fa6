import { bounceAddress, type PublicPages, publicPages } from "@paperboy/core";
import { type Library, openLibrary, type Store } from "@paperboy/db";
import { createRenderer, createTransport, type Renderer, type Transport } from "@paperboy/mail";
import type { Fetcher } from "@paperboy/sources";
import type { WorkerConfig } from "./config.ts";
import type { Mailer } from "./deliver/attempt.ts";
import { createMailer } from "./deliver/mailer.ts";
import { createSourceFetcher } from "./source-fetcher.ts";
import { SILENT, type Telemetry } from "./telemetry/telemetry.ts";

/** What the stages work with. */
export interface WorkerContext {
  readonly config: WorkerConfig;
  readonly store: Store;
  readonly library: Library;
  readonly pages: PublicPages;
  readonly renderer: Renderer;
  readonly transport: Transport;
  readonly mailer: Mailer;
  /** Fetches from sources, guarded. */
  readonly fetcher: Fetcher;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  close(): Promise<void>;
}

export interface WorkerContextOptions {
  readonly templatesDir: string;
  /** Where compiled templates may be kept. */
  readonly cacheDir: string;
  /** Shared with the API when both run in one process. */
  readonly library?: Library;
  /** Where stages tell what they did; nowhere when absent. */
  readonly telemetry?: Telemetry;
  readonly now?: () => Date;
}

/**
 * Builds the worker's dependencies on an open store, which stays its owner's to close.
 *
 * @throws when a template does not compile or the relay's address cannot be used; no connection is made yet.
 */
export async function createWorkerContext(
  config: WorkerConfig,
  store: Store,
  options: WorkerContextOptions,
): Promise<WorkerContext> {
  const pages = publicPages(config.publicUrl, config.keys);
  const renderer = await createRenderer({
    templatesDir: options.templatesDir,
    cacheDir: options.cacheDir,
    sender: senderLine(config),
  });
  const transport = createTransport({
    smtpUrl: config.smtpUrl,
    connections: config.smtpConnections,
    dkim: config.dkim,
  });
  const { from, smtpConnections: connections } = config;
  const fetcher = createSourceFetcher({
    publicUrl: config.publicUrl,
    contact: from.address,
    allowPrivate: config.allowPrivateSources,
    arxivUrl: config.arxivUrl,
  });
  return {
    config,
    store,
    library: options.library ?? openLibrary(store),
    pages,
    renderer,
    transport,
    mailer: createMailer({
      ...{ renderer, transport, connections, from, pages },
      returnPath: (deliveryId) =>
        config.bounceDomain && bounceAddress(deliveryId, config.bounceDomain, config.keys),
    }),
    fetcher,
    telemetry: options.telemetry ?? SILENT,
    now: options.now ?? (() => new Date()),
    close: async () => {
      await fetcher.close();
      await transport.close();
    },
  };
}

/** Who sends, for the footer of digests. */
function senderLine({ from, postalAddress }: WorkerConfig): string {
  const name = from.name || from.address;
  return postalAddress === undefined ? name : `${name}, ${postalAddress}`;
}
