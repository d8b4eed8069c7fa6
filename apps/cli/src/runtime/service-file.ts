import { readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { replaceFile } from "./replace-file.ts";

/** What a running service tells the commands that join it. */
export interface RunningService {
  readonly pid: number;
  readonly publicUrl: string;
  /** Where its local inbox takes mail; null when a relay is configured. */
  readonly inboxSmtpPort: number | null;
}

const shape = z.object({ pid: z.int(), publicUrl: z.string(), inboxSmtpPort: z.int().nullable() });

/** The service that runs on this data directory, or null; a file left by one that was killed counts as none. */
export function findService(file: string): RunningService | null {
  try {
    const service = shape.parse(JSON.parse(readFileSync(file, "utf8")));
    process.kill(service.pid, 0);
    return service.pid === process.pid ? null : service;
  } catch {
    return null;
  }
}

/** Tells other commands about this service; returns how to withdraw it. */
export function publishService(file: string, service: RunningService): () => void {
  replaceFile(file, JSON.stringify(service));
  return () => rmSync(file, { force: true });
}
