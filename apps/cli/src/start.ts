import { SettingError } from "@paperboy/core";
import type { Logger } from "pino";
import { type CliConfig, requireFitToSend, type ServiceRole } from "./config.ts";
import { openDataDirectory } from "./runtime/data-directory.ts";
import { requirePorts } from "./runtime/ports.ts";
import { ingestSample, retireSample } from "./runtime/sample.ts";
import { findService } from "./runtime/service-file.ts";

/** The service, or one half of it, in this process. */
export interface RunningPaperboy {
  readonly role: ServiceRole;
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
    // What can be refused is refused before the rest is loaded, and the rest is loaded while Postgres comes up.
    const { openRuntime } = await import("./context.ts");
    const loading = import("./assemble.ts");
    // Halves start one after the other, and while an upgrade is under way beside the older version's.
    const runtime = await openRuntime(config, say, config.role === "all" ? "schema" : "data");
    closers.push(() => runtime.close());
    const { assemble } = await loading;
    if (options.sample) await ingestSample(runtime, say);
    await retireSample(runtime, say);
    return { ...(await assemble(runtime, logger, closers)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What has a database elsewhere needs the data directory for nothing that two could not share. */
function refuseSecondService(config: CliConfig): void {
  if (config.env.DATABASE_URL !== undefined || config.role === "worker") return;
  const running = findService(openDataDirectory(config.dataDir).serviceFile);
  if (running === null) return;
  throw new SettingError(
    `PAPERBOY_DATA_DIR: a service already runs on ${config.dataDir} (process ${running.pid}, ${running.publicUrl})`,
  );
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
