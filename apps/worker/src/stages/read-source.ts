import { createHash } from "node:crypto";
import type { Store } from "@paperboy/db";
import {
  type HfSpan,
  parseSourceSettings,
  type ReaderPorts,
  readSource,
  type SourceCursor,
  type SourceSettings,
  SourceSettingsError,
  type SourceStep,
} from "@paperboy/sources";
import { type IngestReport, type IngestStore, ingestRecords, type ReadRecord } from "./ingest.ts";

/** What reading a source asks of the store. */
export interface SourceStore extends IngestStore {
  readonly sources: Pick<Store["sources"], "claim" | "keepCursor" | "finish" | "quarantine">;
}

export interface SourceRunReport extends Omit<IngestReport, "refusals"> {
  readonly source: string;
  readonly outcome: "ok" | "unchanged" | "repeated" | "busy" | "failed" | "refused";
  readonly reason: string | null;
  readonly refusals: IngestReport["refusals"];
}

export interface ReadOptions {
  /** The named source, due or not; one that is due when absent. */
  readonly name?: string;
  readonly span?: HfSpan;
  /** Settings and position for this one reading; those of the row are left alone. */
  readonly once?: { readonly settings: SourceSettings; readonly cursor: SourceCursor };
}

const LEASE_SECONDS = 300;
const MINUTE_MS = 60_000;
/** A source that fails is asked again after a growing pause, of at most a day. */
const MAX_BACKOFF_MINUTES = 24 * 60;

/**
 * Reads one source and takes its papers in, page by page; what a page brought is stored before its cursor is. Null when
 * no source is due, or another worker reads it.
 */
export async function readNextSource(
  store: SourceStore,
  ports: Omit<ReaderPorts, "now">,
  now: () => Date,
  options: ReadOptions = {},
): Promise<SourceRunReport | null> {
  const startedAt = now();
  const claimed = await store.sources.claim({
    now: startedAt,
    leaseSeconds: LEASE_SECONDS,
    ...(options.name !== undefined && { name: options.name }),
  });
  if (claimed === null) return null;
  const total = { read: 0, new: 0, updated: 0, unchanged: 0, refused: 0 };
  const refusals: IngestReport["refusals"][number][] = [];
  const ids = createHash("sha256");
  let end: Exclude<SourceStep, { kind: "page" }> | undefined;
  try {
    const settings = options.once?.settings ?? parseSourceSettings({ kind: claimed.kind, ...claimed.config });
    const cursor = options.once?.cursor ?? (claimed.cursor as SourceCursor);
    const steps = readSource(settings, cursor, { ...ports, now: startedAt }, options.span);
    for await (const step of steps) {
      if (step.kind !== "page") {
        end = step;
        break;
      }
      const report = await ingestRecords(
        store,
        { name: claimed.name, kind: claimed.kind },
        step.records as ReadRecord[],
        startedAt,
      );
      for (const name of ["read", "new", "updated", "unchanged", "refused"] as const)
        total[name] += report[name];
      refusals.push(...report.refusals);
      for (const { draft } of step.records) ids.update(`${draft?.externalId}v${draft?.version}\n`);
      if (options.once === undefined) await store.sources.keepCursor(claimed.id, step.cursor, LEASE_SECONDS);
      if (ports.signal?.aborted) break;
    }
  } catch (error) {
    if (!(error instanceof SourceSettingsError)) {
      await finish({ kind: "failed", reason: (error as Error).message });
      throw error;
    }
    end = { kind: "refused", reason: error.message };
  }
  return finish(end);

  async function finish(last: typeof end): Promise<SourceRunReport> {
    const batch = total.read > 0 ? ids.digest("hex").slice(0, 32) : null;
    const outcome =
      last?.kind ?? (batch !== null && batch === claimed?.lastBatch && total.new === 0 ? "repeated" : "ok");
    const reason = last && "reason" in last ? last.reason : null;
    const { new: created, ...counts } = total;
    const endedAt = now();
    await store.sources.finish(claimed?.id as number, {
      ...counts,
      created,
      startedAt,
      endedAt,
      outcome,
      reason,
      batch,
      nextRunAt: nextRun(claimed as { everyMinutes: number | null; failures: number }, last, endedAt),
    });
    return { source: claimed?.name as string, outcome, reason, ...total, refusals };
  }
}

function nextRun(
  { everyMinutes, failures }: { everyMinutes: number | null; failures: number },
  end: Exclude<SourceStep, { kind: "page" }> | undefined,
  now: Date,
): Date | null {
  if (everyMinutes === null) return null;
  const usual = new Date(now.getTime() + everyMinutes * MINUTE_MS);
  if (end?.kind === "busy") return end.retryAt !== null && end.retryAt > now ? end.retryAt : usual;
  if (end?.kind !== "failed" && end?.kind !== "refused") return usual;
  const minutes = Math.min(Math.max(5, everyMinutes / 4) * 2 ** failures, MAX_BACKOFF_MINUTES);
  return new Date(now.getTime() + minutes * MINUTE_MS);
}
