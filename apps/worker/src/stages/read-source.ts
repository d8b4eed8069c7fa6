import { createHash } from "node:crypto";
import { cleanLine, MINUTE_MS } from "@paperboy/core";
import type { ClaimedSource, Store } from "@paperboy/db";
import {
  parseSourceSettings,
  type ReaderPorts,
  type ReadSpan,
  readSource,
  type SourceCursor,
  type SourceSettings,
  SourceSettingsError,
  type SourceStep,
} from "@paperboy/sources";
import { type IngestReport, type IngestStore, ingestRecords, type ReadRecord } from "./ingest.ts";
import { noteFault, noteReading } from "./source-days.ts";

/** What reading a source asks of the store. */
export interface SourceStore extends IngestStore {
  readonly sources: Pick<
    Store["sources"],
    "claim" | "keepCursor" | "finish" | "quarantine" | "knownDays" | "noteShown" | "noteFault"
  >;
}

export interface SourceRunReport extends Omit<IngestReport, "refusals" | "first"> {
  readonly source: string;
  readonly outcome: "ok" | "unchanged" | "repeated" | "busy" | "failed" | "refused";
  readonly reason: string | null;
  readonly refusals: IngestReport["refusals"];
}

export interface ReadOptions {
  /** The named source, due or not; one that is due when absent. */
  readonly name?: string;
  readonly span?: ReadSpan;
  /** Settings and position for this one reading; those of the row are left alone. */
  readonly once?: { readonly settings: SourceSettings; readonly cursor: SourceCursor };
}

type Ports = Omit<ReaderPorts, "now">;
type End = Exclude<SourceStep, { kind: "page" }> | undefined;

/** Longer than the slowest page takes with all its attempts. */
export const LEASE_SECONDS = 600;
/** A source that fails is asked again after a growing pause, of at most a day. */
const MAX_BACKOFF_MINUTES = 24 * 60;
/** Servers may explain themselves at length. */
const MAX_REASON = 500;
const MAX_FAULT = 200;
/** How often a source is waited for that is free again in a moment. */
const MAX_RESTS = 5;

/**
 * Reads one source and takes its papers in, page by page; what a page brought is stored before its cursor is. Null when
 * no source is due, or another worker reads it, or one that asks the same server.
 */
export async function readNextSource(
  store: SourceStore,
  ports: Ports,
  now: () => Date,
  options: ReadOptions = {},
): Promise<SourceRunReport | null> {
  const claimed = await claimSource(store, ports, now, options);
  if (claimed === null) return null;
  const startedAt = now();
  const run = startSourceRun();
  let end: End;
  try {
    end = await readPages(store, ports, claimed, options, startedAt, run);
    await noteTrouble(store, claimed, options, end, startedAt);
  } catch (error) {
    if (!(error instanceof SourceSettingsError)) {
      await finishSourceRun(
        store,
        claimed,
        run,
        { kind: "failed", reason: (error as Error).message },
        startedAt,
        now(),
      );
      throw error;
    }
    end = { kind: "refused", reason: error.message };
  }
  return finishSourceRun(store, claimed, run, end, startedAt, now());
}

/** A reading that failed, or was told to wait, is said of the day it was to bring. */
async function noteTrouble(
  store: SourceStore,
  source: ClaimedSource,
  { once }: ReadOptions,
  end: End,
  now: Date,
): Promise<void> {
  if (once !== undefined || end === undefined || !("reason" in end)) return;
  const settings = parseSourceSettings({ kind: source.kind, ...source.config });
  await noteFault(store, source, settings, `reading it: ${cleanLine(end.reason, MAX_FAULT)}`, now);
}

/** Takes a source to read it; waits when it is a named one that only rests. */
export async function claimSource(
  store: { readonly sources: Pick<Store["sources"], "claim"> },
  ports: Pick<Ports, "wait">,
  now: () => Date,
  {
    name,
    once,
    to = "read",
  }: Pick<ReadOptions, "name" | "once"> & { readonly to?: "read" | "reconcile" } = {},
): Promise<ClaimedSource | null> {
  const elsewhere = once?.settings.url;
  for (let rests = 0; ; rests++) {
    const claimed = await store.sources.claim({
      now: now(),
      leaseSeconds: LEASE_SECONDS,
      to,
      ...(name !== undefined && { name }),
      asksElsewhere: elsewhere !== undefined && !/\barxiv\.org\b/.test(elsewhere),
    });
    if (claimed === null || !("restMs" in claimed)) return claimed;
    if (rests === MAX_RESTS) return null;
    await ports.wait(claimed.restMs + 1);
  }
}

/** What a run has brought so far. */
interface SourceRun {
  readonly total: { read: number; new: number; updated: number; unchanged: number; refused: number };
  /** Papers that the source had not shown before, whoever else had: by these its rhythm is judged. */
  first: number;
  /** What the operator should know of an answer that could be read. */
  note: string | null;
  readonly refusals: IngestReport["refusals"][number][];
  /** Of what was read: the same batch again has the same one. */
  readonly digest: ReturnType<typeof createHash>;
}

const startSourceRun = (): SourceRun => ({
  total: { read: 0, new: 0, updated: 0, unchanged: 0, refused: 0 },
  first: 0,
  note: null,
  refusals: [],
  digest: createHash("sha256"),
});

async function readPages(
  store: SourceStore,
  ports: Ports,
  { id, name, kind, config, cursor }: ClaimedSource,
  { once, span }: ReadOptions,
  now: Date,
  run: SourceRun,
): Promise<End> {
  const settings = once?.settings ?? parseSourceSettings({ kind, ...config });
  const from = once?.cursor ?? (cursor as SourceCursor);
  for await (const step of readSource(settings, from, { ...ports, now }, span)) {
    const isKept = once === undefined && "cursor" in step && step.cursor !== undefined;
    if (step.kind === "unchanged" && isKept) await store.sources.keepCursor(id, step.cursor, LEASE_SECONDS);
    if (step.kind !== "page") return step;
    const report = await ingestRecords(store, { name, kind }, step.records as ReadRecord[], now);
    for (const count of ["read", "new", "updated", "unchanged", "refused"] as const)
      run.total[count] += report[count];
    run.first += report.first;
    run.note ??= step.note ?? null;
    run.refusals.push(...report.refusals);
    if (once === undefined) {
      const drafts = step.records.flatMap(({ draft }) => draft ?? []);
      await noteReading(store, { id }, settings, drafts, step.date, now);
    }
    for (const { draft } of step.records) run.digest.update(`${draft?.externalId}v${draft?.version}\n`);
    if (isKept) await store.sources.keepCursor(id, step.cursor, LEASE_SECONDS);
    if (ports.signal?.aborted) return undefined;
  }
  return undefined;
}

async function finishSourceRun(
  store: SourceStore,
  source: ClaimedSource,
  { total, first, note, refusals, digest }: SourceRun,
  end: End,
  startedAt: Date,
  endedAt: Date,
): Promise<SourceRunReport> {
  const batch = total.read > 0 ? digest.digest("hex").slice(0, 32) : null;
  const isRepeated = batch !== null && batch === source.lastBatch && first === 0;
  const outcome: SourceRunReport["outcome"] = end?.kind ?? (isRepeated ? "repeated" : "ok");
  const said = end && "reason" in end ? end.reason : note;
  const reason = said === null ? null : cleanLine(said, MAX_REASON);
  const { new: _new, ...counts } = total;
  const nextRunAt = nextRun(source, end, endedAt);
  const restSeconds = restOf(end, endedAt);
  const ended = {
    ...counts,
    created: first,
    startedAt,
    endedAt,
    outcome,
    reason,
    batch,
    nextRunAt,
    restSeconds,
  };
  await store.sources.finish(source.id, ended);
  return { source: source.name, outcome, reason, ...total, refusals };
}

/** For how long the server wants to be left alone, by everybody. */
function restOf(end: End, now: Date): number {
  if (end?.kind !== "busy" || end.retryAt === null) return 0;
  return Math.max(0, (end.retryAt.getTime() - now.getTime()) / 1000);
}

function nextRun(
  { everyMinutes, failures }: Pick<ClaimedSource, "everyMinutes" | "failures">,
  end: End,
  now: Date,
): Date | null {
  if (everyMinutes === null) return null;
  const usual = new Date(now.getTime() + everyMinutes * MINUTE_MS);
  if (end?.kind === "busy") return end.retryAt !== null && end.retryAt > now ? end.retryAt : usual;
  if (end?.kind !== "failed" && end?.kind !== "refused") return usual;
  const minutes = Math.min(Math.max(5, everyMinutes / 4) * 2 ** failures, MAX_BACKOFF_MINUTES);
  return new Date(now.getTime() + minutes * MINUTE_MS);
}
