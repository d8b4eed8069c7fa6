import {
  createWorkerContext,
  readWorkerConfig,
  SILENT,
  type Telemetry,
  type WorkerContext,
} from "@paperboy/worker";
import { requireFitToSend } from "../config.ts";
import type { Runtime } from "../context.ts";
import { openLogger } from "./logger.ts";
import { TEMPLATES_DIRECTORY } from "./project-files.ts";

/** The worker's parts for one command: a transport to the relay, to the running service's inbox, or to one of its own. */
export async function openWorker(runtime: Runtime): Promise<WorkerContext> {
  await requireFitToSend(runtime.config);
  const config = readWorkerConfig(runtime.env(await runtime.inboxPort()));
  return createWorkerContext(config, runtime.store, {
    templatesDir: TEMPLATES_DIRECTORY,
    cacheDir: runtime.data.cache,
    telemetry: commandTelemetry(runtime),
  });
}

/** A command prints what it came to; its stages are logged when LOG_LEVEL asks for it. Nobody scrapes a command. */
export const commandTelemetry = ({ config }: Pick<Runtime, "config">): Telemetry => ({
  ...SILENT,
  log: openLogger(config.logLevel ?? "warn"),
});
