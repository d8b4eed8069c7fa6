import { createWorkerContext, readWorkerConfig, type WorkerContext } from "@paperboy/worker";
import { requireFitToSend } from "../config.ts";
import type { Runtime } from "../context.ts";
import { TEMPLATES_DIRECTORY } from "./project-files.ts";

/** The worker's parts for one command: a transport to the relay, to the running service's inbox, or to one of its own. */
export async function openWorker(runtime: Runtime): Promise<WorkerContext> {
  await requireFitToSend(runtime.config);
  const config = readWorkerConfig(runtime.env(await runtime.inboxPort()));
  return createWorkerContext(config, runtime.store, {
    templatesDir: TEMPLATES_DIRECTORY,
    cacheDir: runtime.data.cache,
  });
}
