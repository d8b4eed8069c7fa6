import { archiveSearch } from "../search/archive.ts";
import { rebuildTerms } from "../search/rebuild-terms.ts";
import { adminSessionStore } from "./admin-sessions.ts";
import { repairAuthors } from "./author-repair.ts";
import { bounceStore } from "./bounces.ts";
import { type ConnectionOptions, openConnection } from "./connection.ts";
import { deliveryStore } from "./deliveries/deliveries.ts";
import { destinationStore } from "./destinations.ts";
import { createIngest } from "./ingest/ingest.ts";
import { markerStore } from "./markers.ts";
import { markStore } from "./marks.ts";
import { mergeStore } from "./merges.ts";
import { paperStore } from "./papers.ts";
import { type DecideEditions, planPage, repairSchedules } from "./planning.ts";
import { readerStories } from "./reader-stories.ts";
import { retentionStore } from "./retention.ts";
import { sampleStore } from "./sample.ts";
import type { SourcePolicy } from "./source-claims.ts";
import { sourceStore } from "./sources.ts";
import { addressUpgrade } from "./subscribers.ts";
import { subscriptionStore } from "./subscriptions.ts";
import { suppressionStore } from "./suppressions.ts";
import { tasteStore } from "./tastes.ts";
import { throttleStore } from "./throttles.ts";

/** Everything the apps ask of the database, by intention. Stages name the few of these they need. */
export type Store = ReturnType<typeof openStore>;

export interface StoreOptions extends ConnectionOptions {
  /** What arXiv asks of those who read from it, as `sources` knows it: the claim of a source keeps it over all processes. */
  readonly arxivPolicy: SourcePolicy;
}

/** Opens a store on a migrated database. Connections are made when first needed. */
export function openStore(options: StoreOptions) {
  const connection = openConnection(options);
  const suppressions = suppressionStore(connection);
  return {
    papers: paperStore(connection),
    archive: archiveSearch(connection),
    sources: sourceStore(connection, options.arxivPolicy),
    sample: sampleStore(connection),
    subscriptions: subscriptionStore(connection),
    deliveries: deliveryStore(connection),
    suppressions,
    adminSessions: adminSessionStore(connection),
    /** See `addressUpgrade`. */
    upgradeAddresses: addressUpgrade(connection, suppressions.among),
    bounces: bounceStore(connection),
    throttles: throttleStore(connection),
    merges: mergeStore(connection),
    destinations: destinationStore(connection),
    markers: markerStore(connection),
    stories: readerStories(connection),
    marks: markStore(connection),
    tastes: tasteStore(connection),
    retention: retentionStore(connection),
    ingest: createIngest(connection),
    /** See `planPage`. */
    planPage: (
      page: { readonly now: Date; readonly limit: number; readonly seenFromSeq: number },
      decide: DecideEditions,
    ) => planPage(connection, page, decide),
    /** See `repairSchedules`. */
    repairSchedules: (now: Date): Promise<number> => repairSchedules(connection, now),
    /** See `rebuildTerms`. */
    rebuildTerms: (progress?: (done: number, total: number) => void): Promise<number> =>
      rebuildTerms(connection, progress),
    /** See `repairAuthors`. */
    repairAuthors: (now: Date, signal?: AbortSignal): Promise<number | null> =>
      repairAuthors(connection, now, signal),
    /** Resolves when the database answers. */
    ping: async (): Promise<void> => {
      await connection.query("SELECT 1");
    },
    close: () => connection.close(),
  };
}
