import type { ClaimedSource, KnownDay, Store } from "@paperboy/db";
import {
  type Announced,
  type ArxivScope,
  type Comparing,
  compare,
  fetchByIds,
  judgeFetched,
  type Listing,
  listAnnounced,
  type Places,
  type ReaderPorts,
  type ReadRecord,
} from "@paperboy/sources";
import { type IngestStore, ingestRecords } from "./ingest.ts";
import { LEASE_SECONDS } from "./read-source.ts";
import { type Compared, type ComparedSpan, knownDaysOf } from "./reconcile-days.ts";

/** What reconciling asks of the store. */
export interface ReconcileStore extends IngestStore {
  readonly sources: Pick<
    Store["sources"],
    "claim" | "renew" | "release" | "quarantine" | "knownDays" | "heldPapers" | "finishReconcile"
  >;
}

/** One source, and the days of it that are compared. */
export interface Work {
  readonly store: ReconcileStore;
  readonly ports: ReaderPorts;
  readonly source: ClaimedSource;
  readonly scope: ArxivScope;
  readonly open: ComparedSpan;
  readonly known: readonly KnownDay[];
}

/** Asks arXiv's services what they announced, ingests what is missing here, and reports the result. */
export async function compareAndFill(
  work: Work,
  places: Places,
): Promise<{ compared: Compared; retryAt: Date | null }> {
  const listings = await list(work, places);
  const facts = await factsFor(work, listings);
  const judged = compare(listings, facts);
  const isStopped = listings.some(({ isBusy }) => isBusy);
  const reachable = isStopped ? { ...places, api: null, oai: null } : places;
  const { announced, records, unknown, faults: left } = await clarify(work, reachable, judged, facts);
  const gaps = announced.filter(({ state }) => state === "gap").map(({ id }) => id);
  const lost = await take(work, records, gaps);
  const faults = [...listings.flatMap(({ fault }) => fault ?? []), ...left.map(({ message }) => message)];
  const retries = [...listings, ...left].flatMap(({ retryAt }) => retryAt ?? []);
  const compared: Compared = {
    announced: [...announced, ...unknown],
    filled: new Set(gaps.filter((id) => !lost.has(id))),
    missing: new Set([...unknown.map(({ id }) => id), ...lost]),
    faults: [...new Set(faults)],
    complete: faults.length === 0,
  };
  return { compared, retryAt: retries.toSorted((a, b) => b.getTime() - a.getTime())[0] ?? null };
}

async function list({ store, ports, source, scope, open }: Work, places: Places): Promise<Listing[]> {
  const listings: Listing[] = [];
  for await (const listing of listAnnounced(scope, places, open, ports)) {
    listings.push(listing);
    await store.sources.renew(source.id, LEASE_SECONDS);
  }
  return listings;
}

/** Fetches what a list of ids alone cannot tell; `unknown` is what nobody gives. */
async function clarify(
  { ports, scope, open }: Work,
  places: Places,
  judged: readonly Announced[],
  facts: Comparing,
) {
  const announced = judged.filter(({ state }) => state !== "unknown");
  const records = announced.flatMap(({ state, record }) => (state === "gap" && record ? [record] : []));
  const unknown = new Map(
    judged.filter(({ state }) => state === "unknown").map((paper) => [paper.id, paper]),
  );
  const fetched = await fetchByIds(new Set(unknown.keys()), scope, places, open, ports);
  for (const record of fetched.records) {
    const paper = paperOf(record, unknown);
    if (paper === undefined) continue;
    const verdict = judgeFetched(paper, record, facts);
    records.push(verdict.record);
    if (verdict.announced) announced.push(verdict.announced);
    unknown.delete(paper.id);
  }
  return { announced, records, unknown: [...unknown.values()], faults: fetched.faults };
}

const paperOf = ({ draft }: ReadRecord, unknown: ReadonlyMap<string, Announced>): Announced | undefined =>
  unknown.get(draft?.arxivId ?? "") ?? unknown.get(draft?.externalId ?? "");

async function factsFor(
  { store, open, known, ports }: Work,
  listings: readonly Listing[],
): Promise<Comparing> {
  const ids = [...new Set(listings.flatMap(({ papers }) => papers.map(({ id }) => id)))];
  const held = await store.sources.heldPapers(ids);
  return {
    span: open,
    watchedFrom: open.watchedFrom,
    dayOf: knownDaysOf(known),
    held: new Map(held.map((paper) => [paper.arxivId, paper])),
    now: ports.now,
  };
}

/** Takes records in, and gives the ids of gaps that are there still: their records were refused. */
async function take(
  { store, source, ports }: Work,
  records: readonly ReadRecord[],
  gaps: readonly string[],
): Promise<Set<string>> {
  if (records.length > 0) await ingestRecords(store, source, records, ports.now);
  const held = await store.sources.heldPapers(gaps);
  const here = new Set(
    held.filter(({ isNews, withdrawn }) => isNews || withdrawn).map(({ arxivId }) => arxivId),
  );
  return new Set(gaps.filter((id) => !here.has(id)));
}
