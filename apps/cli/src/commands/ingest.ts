import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Refusal } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { type FileFormat, FormatError, openPapersFile, readPapers } from "@paperboy/sources";
import { ingestRecords } from "@paperboy/worker";
import type { Output } from "../output.ts";
import type { FilePosition } from "../runtime/file-position.ts";

export interface FileRefusal extends Refusal {
  readonly file: string;
}

export interface IngestReport {
  read: number;
  new: number;
  updated: number;
  unchanged: number;
  refused: number;
  readonly refusals: FileRefusal[];
}

/**
 * Reads papers from files into the store and announces them. What cannot be read is reported with its place;
 * the others go in.
 */
export async function ingestFiles(
  store: Store,
  files: readonly string[],
  format: FileFormat,
  now: Date,
  output: Pick<Output, "progress">,
  positions?: (file: string) => FilePosition,
): Promise<IngestReport> {
  const total: IngestReport = { read: 0, new: 0, updated: 0, unchanged: 0, refused: 0, refusals: [] };
  for (const file of files) await ingestFile(store, file, format, now, total, output, positions?.(file));
  await store.papers.announce(now);
  return total;
}

async function ingestFile(
  store: Store,
  file: string,
  format: FileFormat,
  now: Date,
  total: IngestReport,
  output: Pick<Output, "progress">,
  position?: FilePosition,
): Promise<void> {
  const source = { name: SOURCE_NAMES[format], kind: "file", file: basename(file) };
  let broken: string | undefined;
  const meter = { bytes: 0, of: await sizeOf(file) };
  const before = position?.read ?? 0;
  const records = async function* () {
    try {
      yield* readPapers(format, counted(openPapersFile(file), meter), { now, skip: before });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      broken = error.message;
    }
  };
  const report = await ingestRecords(store, source, records(), now, (read, isNew) => {
    output.progress(`${bar(meter)} ${before + read} read, ${isNew} new: ${file}`);
    position?.keep(before + read);
  });
  position?.forget();
  for (const name of ["read", "new", "updated", "unchanged", "refused"] as const) total[name] += report[name];
  for (const refusal of report.refusals) total.refusals.push({ file, ...refusal });
  if (broken === undefined) return;
  total.refused++;
  total.refusals.push({ file, at: "file", reason: broken });
}

interface Meter {
  bytes: number;
  /** 0 when nobody can tell: a pipe, or packed data. */
  readonly of: number;
}

/** Packed files unpack to nobody knows how much. */
async function sizeOf(file: string): Promise<number> {
  if (file.endsWith(".gz")) return 0;
  const found = await stat(file).catch(() => null);
  return found?.isFile() ? found.size : 0;
}

async function* counted(chunks: AsyncIterable<Buffer>, meter: Meter): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    meter.bytes += chunk.length;
    yield chunk;
  }
}

const BAR = 20;

/** `[#####...............] 25%` */
function bar({ bytes, of }: Meter): string {
  if (of === 0) return `${Math.round(bytes / 2 ** 20)} MB`;
  const share = Math.min(1, bytes / of);
  const full = Math.round(share * BAR);
  return `[${"#".repeat(full)}${".".repeat(BAR - full)}] ${Math.floor(share * 100)}%`;
}

/** What `source:` finds papers of each file format by. */
const SOURCE_NAMES: Record<FileFormat, string> = {
  text: "file",
  jsonl: "file",
  hf: "hf",
  "arxiv-atom": "arxiv",
  "arxiv-rss": "arxiv",
  "arxiv-oai": "arxiv",
  feed: "feed",
};

/** The same for people. */
export function formatIngest(report: Omit<IngestReport, "refusals">): string {
  return `${report.read} read: ${report.new} new, ${report.updated} updated, ${report.unchanged} unchanged, ${report.refused} refused`;
}
