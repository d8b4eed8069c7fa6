import type { PaperDraft, Refusal } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { type FileFormat, FormatError, openPapersFile, readPapers } from "@paperboy/sources";
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

/** Drafts that share a transaction. */
const BATCH = 500;

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
  const report: IngestReport = { read: 0, new: 0, updated: 0, unchanged: 0, refused: 0, refusals: [] };
  for (const file of files) {
    await ingestFile(store, file, format, now, report);
    output.progress(`${file}: ${report.read} read, ${report.new} new`);
  }
  await store.papers.announce(now);
  return report;
}

async function ingestFile(store: Store, file: string, format: FileFormat, now: Date, report: IngestReport) {
  let batch: { draft: PaperDraft; at: string }[] = [];
  const flush = async () => {
    const source = { name: SOURCE_NAMES[format], kind: "file" };
    const counts = await store.ingest(
      source,
      batch.map(({ draft }) => draft),
      now,
    );
    report.new += counts.new;
    report.updated += counts.updated;
    report.unchanged += counts.unchanged;
    for (const { externalId, reason } of counts.refused) {
      const at = batch.find(({ draft }) => draft.externalId === externalId)?.at ?? externalId;
      refuse(report, { file, at, reason });
    }
    batch = [];
  };
  try {
    for await (const record of readPapers(format, openPapersFile(file), { now })) {
      report.read++;
      if (record.refusal) refuse(report, { file, ...record.refusal });
      else if (batch.push(record) >= BATCH) await flush();
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    refuse(report, { file, at: "file", reason: error.message });
  }
  if (batch.length > 0) await flush();
}

/** What `source:` finds papers of each file format by. */
const SOURCE_NAMES: Record<FileFormat, string> = { text: "file", jsonl: "file", hf: "hf" };

function refuse(report: IngestReport, refusal: FileRefusal): void {
  report.refused++;
  report.refusals.push(refusal);
}

/** The same for people. */
export function formatIngest(report: IngestReport): string {
  return `${report.read} read: ${report.new} new, ${report.updated} updated, ${report.unchanged} unchanged, ${report.refused} refused`;
}
