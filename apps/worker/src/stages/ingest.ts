import type { PaperDraft, Refusal } from "@paperboy/core";
import type { Store } from "@paperboy/db";

/** What ingesting asks of the store. */
export interface IngestStore {
  readonly ingest: Store["ingest"];
  readonly sources: Pick<Store["sources"], "quarantine">;
}

/** What a reader gives: a draft and where it stood, or the reason why not. */
export type ReadRecord =
  | { readonly at: string; readonly draft: PaperDraft; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly draft?: undefined };

/** Where records come from. */
export interface RecordSource {
  readonly name: string;
  readonly kind: string;
  /** The file they stand in: a line number alone finds no record in quarantine. */
  readonly file?: string;
}

export interface IngestReport {
  readonly read: number;
  readonly new: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly refusals: readonly Refusal[];
  /** Papers that this source had not shown before, new or not. */
  readonly first: number;
}

/** Drafts that share a transaction. */
const BATCH = 500;
/** Batches under way: one is read and analysed while the one before is written. */
const UNDER_WAY = 2;
/** Refusals that are reported one by one; the others are counted. */
const MAX_REFUSALS = 10_000;

/**
 * Takes records into the store in batches, in constant memory. A record that is no paper is quarantined with its
 * reason, and the others are stored. What a reader throws is thrown once everything read before is stored.
 *
 * @param stored called after each batch, in order, with how many records are safely in, counted from the first.
 */
export async function ingestRecords(
  store: IngestStore,
  source: RecordSource,
  records: Iterable<ReadRecord> | AsyncIterable<ReadRecord>,
  now: Date,
  stored: (read: number, isNew: number) => void | Promise<void> = () => {},
): Promise<IngestReport> {
  const report = {
    read: 0,
    new: 0,
    updated: 0,
    unchanged: 0,
    refused: 0,
    refusals: [] as Refusal[],
    first: 0,
  };
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let told: Promise<void> = Promise.resolve();
  let batch: ReadRecord[] = [];
  const flush = async () => {
    const [full, upTo] = [batch, report.read];
    batch = [];
    // Nothing counts as stored while something before it is not.
    told = Promise.all([writeBatch(store, source, full, now, report), told]).then(() =>
      stored(upTo, report.new),
    );
    const settled = told.catch((error: unknown) => {
      failure ??= { error };
    });
    const tracked: Promise<void> = settled.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
    if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
    if (failure) throw failure.error;
  };
  try {
    for await (const record of records) {
      report.read++;
      batch.push(record);
      if (batch.length >= BATCH) await flush();
    }
  } finally {
    if (batch.length > 0) await flush();
    await Promise.all(underWay);
  }
  if (failure) throw failure.error;
  return report;
}

type Counting = { -readonly [K in keyof IngestReport]: IngestReport[K] extends number ? number : Refusal[] };

async function writeBatch(
  store: IngestStore,
  source: RecordSource,
  batch: readonly ReadRecord[],
  now: Date,
  report: Counting,
): Promise<void> {
  const places = new Map(
    batch.flatMap(({ draft, ...record }) =>
      draft ? [[draft.externalId, (record as { at: string }).at]] : [],
    ) as [string, string][],
  );
  const drafts = batch.flatMap(({ draft }) => (draft ? [draft] : []));
  const { name, kind } = source;
  const counts = await store.ingest({ name, kind }, drafts, now);
  const late = counts.refused.map(({ externalId, reason }) => ({
    at: places.get(externalId) ?? externalId,
    reason,
  }));
  const refusals = [...batch.flatMap(({ refusal }) => (refusal ? [refusal] : [])), ...late];
  report.new += counts.new;
  report.first += counts.first;
  report.updated += counts.updated;
  report.unchanged += counts.unchanged;
  report.refused += refusals.length;
  report.refusals.push(...refusals.slice(0, MAX_REFUSALS - report.refusals.length));
  const { file } = source;
  const found = refusals.map(({ at, reason }) => ({
    at: file === undefined ? at : `${file}: ${at}`,
    reason,
  }));
  await store.sources.quarantine(source.name, found, now);
}
