import type { CliConfig } from "../config.ts";
import { openLogger } from "../runtime/logger.ts";
import { projectVersion } from "../runtime/project-files.ts";
import { type RunningPaperboy, startPaperboy } from "../start.ts";

/** What may take longer than this at the end is given up; leases and rows see to the rest. */
const STOP_WITHIN_MS = 28_000;

/** Runs the service until SIGINT or SIGTERM, then drains. A second signal ends it at once. */
export async function serve(config: CliConfig): Promise<void> {
  const started = performance.now();
  const stopRequested = nextSignal();
  const logger = openLogger(config.logLevel ?? "info");
  const service = await startPaperboy(config, logger, say);
  say(greeting(service, config, performance.now() - started));
  await stopRequested;
  say("Stopping…");
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  void nextSignal().then(() => process.exit(1));
  await service.stop();
  say("Stopped.");
  process.exit(0);
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

function greeting(service: RunningPaperboy, config: CliConfig, milliseconds: number): string {
  const ready = `is ready (${(milliseconds / 1000).toFixed(1)} s)`;
  if (service.role === "worker") return `Paperboy ${projectVersion()} worker ${ready}`;
  const lines = [
    "",
    `Paperboy ${projectVersion()}${service.role === "api" ? " API" : ""} ${ready}`,
    "",
    `  Page   ${service.publicUrl}/`,
    service.inbox && `  Inbox  ${service.inbox.url}   (SMTP on port ${service.inbox.smtpPort})`,
    `  API    ${service.publicUrl}/api/v1   (described in ${service.publicUrl}/openapi.json)`,
    service.adminUrl &&
      `  Admin  ${service.adminUrl}   (token in ${config.dataDir}/admin-token unless ADMIN_TOKEN is set)`,
    "",
    "Ctrl-C stops it.",
  ];
  return lines.filter((line) => line !== null).join("\n");
}

const say = (line: string) => void process.stdout.write(`${line}\n`);
