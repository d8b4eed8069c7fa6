import type { Store } from "@paperboy/db";
import {
  parseSourceSettings,
  type SourceCursor,
  type SourceKind,
  type SourceSettings,
  USUAL_MINUTES,
} from "@paperboy/sources";
import { readNextSource, type SourceRunReport } from "@paperboy/worker";
import type { Output } from "../output.ts";
import { announceAfter, type Reading } from "../runtime/reading.ts";
import { UsageError } from "../usage-error.ts";
import { formatIngest } from "./ingest.ts";

/** What `source add` is told. */
export interface AddSourceFlags {
  readonly kind: SourceKind;
  readonly url?: string;
  readonly query?: string;
  readonly set?: string;
  readonly every?: string;
}

/** Adds a source, checked, or changes one of this name. */
export async function addSource(
  store: Pick<Store, "sources">,
  name: string,
  flags: AddSourceFlags,
  now: Date,
) {
  if (!/^[\w.-]{1,60}$/.test(name)) {
    throw new UsageError(`'${name}' is no name for a source: letters, digits, dots and dashes, at most 60`);
  }
  const { kind, every, url, query, set } = flags;
  const { kind: _kind, ...config } = parseSourceSettings({ kind, url, query, set });
  const everyMinutes = every === undefined ? USUAL_MINUTES[kind] : wholeMinutes(every);
  const source = { name, kind, config, everyMinutes };
  await store.sources.add(source, now);
  return source;
}

function wholeMinutes(text: string): number {
  const minutes = Number(text);
  if (!Number.isInteger(minutes) || minutes < 5 || minutes > 10_080) {
    throw new UsageError("--every is a number of minutes from 5 to 10080");
  }
  return minutes;
}

/** One reading that somebody asked for by hand. */
export interface OneReading {
  readonly name: string;
  readonly settings: SourceSettings;
  readonly cursor: SourceCursor;
  readonly span?: { readonly date?: string | undefined; readonly week?: string | undefined };
}

/** Reads once what is asked for, and announces what it brought; where a source of this name stands is left alone. */
export async function readOnce(store: Store, reading: Reading, asked: OneReading): Promise<SourceRunReport> {
  const { name, settings, cursor, span } = asked;
  if ((await store.sources.find(name)) === null)
    await store.sources.add({ name, kind: settings.kind, config: {}, everyMinutes: null }, new Date());
  return run(store, reading, name, { once: { settings, cursor }, ...(span && { span }) });
}

/** Reads a source that is configured, due or not. */
export async function runSource(store: Store, reading: Reading, name: string): Promise<SourceRunReport> {
  const source = await store.sources.find(name);
  if (source === null) throw new UsageError(`there is no source '${name}'`);
  if (source.everyMinutes === null)
    throw new UsageError(`'${name}' has no settings to be read by; add it first`);
  return run(store, reading, name, {});
}

async function run(
  store: Store,
  reading: Reading,
  name: string,
  options: Omit<Parameters<typeof readNextSource>[3] & object, "name">,
): Promise<SourceRunReport> {
  const report = await readNextSource(store, reading, () => new Date(), { ...options, name });
  if (report === null)
    throw new UsageError(`'${name}', or the server it asks, is being read by another process`);
  await announceAfter(store, report);
  return report;
}

/** What a source would give, without taking anything in. */
export interface SourceTrial {
  readonly source: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly read: number;
  readonly refused: number;
  readonly titles: readonly string[];
}

export const formatTrial = (trial: SourceTrial): string =>
  [
    `${trial.source}: ${trial.outcome}${trial.reason ? ` (${trial.reason})` : ""}, ${trial.read} read, ${trial.refused} refused`,
    ...trial.titles.map((title) => `  ${title}`),
  ].join("\n");

/** Prints what readings did, in the shape of every `ingest`; a reading that failed ends the command with 1. */
export function showRuns(reports: readonly SourceRunReport[], output: Output): void {
  const total = { read: 0, new: 0, updated: 0, unchanged: 0, refused: 0 };
  for (const report of reports) {
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += report[name];
    if (report.reason !== null) output.note(`${report.source}: ${report.outcome}: ${report.reason}`);
    for (const { at, reason } of report.refusals) output.note(`${report.source}: ${at}: ${reason}`);
    if (report.outcome === "failed" || report.outcome === "refused" || report.outcome === "busy")
      process.exitCode = 1;
  }
  const refusals = reports.flatMap(({ source, refusals }) =>
    refusals.map((refusal) => ({ file: source, ...refusal })),
  );
  const outcomes = reports.map(({ source, outcome, reason }) => ({ source, outcome, reason }));
  output.result({ ...total, refusals, outcomes }, formatIngest(total));
  if (total.refused > 0) process.exitCode ??= 2;
}
