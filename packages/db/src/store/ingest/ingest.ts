import { checkDraft, newRecord, normaliseDraft, type PaperDraft } from "@paperboy/core";
import { inSlices } from "../../library/in-slices.ts";
import { createMutex } from "../../mutex.ts";
import type { Connection, Query } from "../connection.ts";
import { lockToWritePapers } from "../locks.ts";
import { writeMerges } from "../merges.ts";
import { statement } from "../statement.ts";
import { knownKeys, readCandidates, readUnmerged } from "./candidates.ts";
import type { Entry } from "./entry.ts";
import { type Arrival, resolve } from "./resolve.ts";
import { recordRevisions, recordSightings } from "./sightings.ts";
import { insertPapers, type Prepared, prepareRow, updatePapers } from "./write-papers.ts";

/** How a batch of drafts changed the store; `new + updated + unchanged + refused.length` is the batch. */
export interface IngestCounts {
  readonly new: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Papers that the source had not shown before, new or not. */
  readonly first: number;
  readonly refused: readonly { readonly externalId: string; readonly reason: string }[];
}

export interface SourceName {
  readonly name: string;
  readonly kind: string;
}

/**
 * Makes the way into the store. Batches are written in the order of the calls, each in one transaction: all of it
 * or nothing. A caller may start the next batch before the last one is written: it is read and analysed meanwhile.
 */
export function createIngest(connection: Connection) {
  const exclusively = createMutex();
  /**
   * Resolves drafts to papers by identity, inserts and enriches them in sets, joins papers that a draft shows to be
   * one, and records a sighting for each draft that shows something its source has not shown before.
   *
   * @param now when the drafts were read; the time of a sighting whose source tells none.
   */
  return async (source: SourceName, drafts: readonly PaperDraft[], now: Date): Promise<IngestCounts> => {
    const clean = drafts.map(normaliseDraft);
    const refused = clean.flatMap((draft) => {
      const reason = checkDraft(draft);
      return reason === null ? [] : [{ externalId: draft.externalId, reason }];
    });
    const good = clean.filter((draft) => checkDraft(draft) === null);
    const preparing = prepare(connection.query, good, source.name, now);
    return exclusively(async () => ({
      ...(await write(connection, source, good, await preparing, now)),
      refused,
    }));
  };
}

/** Rows of drafts that look new, made outside the lock: analysing them takes as long as writing them. */
async function prepare(query: Query, drafts: readonly PaperDraft[], source: string, now: Date) {
  const isKnown = await knownKeys(query, drafts);
  return inSlices(
    prepareEach(
      drafts.filter((draft) => !isKnown(draft)),
      source,
      now,
    ),
  );
}

function* prepareEach(drafts: readonly PaperDraft[], source: string, now: Date) {
  const prepared = new Map<PaperDraft, Prepared>();
  for (const draft of drafts) {
    prepared.set(draft, prepareRow(newRecord(draft, source, now)));
    yield;
  }
  return prepared;
}

function write(
  connection: Connection,
  source: SourceName,
  drafts: readonly PaperDraft[],
  prepared: ReadonlyMap<PaperDraft, Prepared>,
  now: Date,
) {
  return connection.transaction(async (query, copy) => {
    await lockToWritePapers(query, "ingest");
    const sourceId = await useSource(query, source, now);
    const stored = await readCandidates(query, sourceId, drafts);
    const unmerged = await readUnmerged(query, stored);
    const context = { source: source.name, now, unmerged, prepared };
    const { arrivals, entries, mergings } = resolve(stored, drafts, context);
    await writeMerges(query, mergings, now);
    await insertPapers(query, copy, entries, prepared);
    await updatePapers(query, entries);
    await recordRevisions(query, sourceId, entries, now);
    return count(arrivals, await recordSightings(query, copy, sourceId, arrivals, now), source.name);
  });
}

const USE_SOURCE = statement<{ id: number }>(
  "ingest.useSource",
  { id: "int" },
  `INSERT INTO sources (name, kind, last_run_at) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET last_run_at = EXCLUDED.last_run_at RETURNING id`,
);

async function useSource(query: Query, source: SourceName, now: Date): Promise<number> {
  const [row] = await query(USE_SOURCE, [source.name, source.kind, now]);
  return (row as { id: number }).id;
}

/** A draft is new when it made its paper, updated when it changed it or brought a sighting, unchanged otherwise. */
function count(
  arrivals: readonly Arrival[],
  sighted: ReadonlySet<number>,
  source: string,
): Omit<IngestCounts, "refused"> {
  const counts = { new: 0, updated: 0, unchanged: 0, first: 0 };
  const met = new Set<Entry>();
  for (const { entry } of arrivals) {
    if (!met.has(entry) && !entry.before?.sources.includes(source)) counts.first++;
    const changed = entry.record !== entry.before || sighted.has(entry.id as number);
    if (met.has(entry)) counts.unchanged++;
    else if (entry.before === undefined) counts.new++;
    else if (changed) counts.updated++;
    else counts.unchanged++;
    met.add(entry);
  }
  return counts;
}
