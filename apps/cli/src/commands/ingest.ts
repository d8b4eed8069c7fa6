import type { Refusal } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { type FileFormat, FormatError, openPapersFile, readPapers } from "@paperboy/sources";
import { ingestRecords } from "@paperboy/worker";
import type { Output } from "../output.ts";

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
): Promise<IngestReport> {
  const total: IngestReport = { read: 0, new: 0, updated: 0, unchanged: 0, refused: 0, refusals: [] };
  for (const file of files) await ingestFile(store, file, format, now, total, output);
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
): Promise<void> {
  const source = { name: SOURCE_NAMES[format], kind: "file" };
  let broken: string | undefined;
  const records = async function* () {
    try {
      yield* readPapers(format, openPapersFile(file), { now });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      broken = error.message;
    }
  };
  const report = await ingestRecords(store, source, records(), now, (read, isNew) =>
    output.progress(`${file}: ${total.read + read} read, ${total.new + isNew} new`),
  );
  for (const name of ["read", "new", "updated", "unchanged", "refused"] as const) total[name] += report[name];
  for (const refusal of report.refusals) total.refusals.push({ file, ...refusal });
  if (broken === undefined) return;
  total.refused++;
  total.refusals.push({ file, at: "file", reason: broken });
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
