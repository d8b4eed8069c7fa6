export { isAlive } from "./embedded/cluster.ts";
export * from "./embedded/embedded-postgres.ts";
export * from "./errors.ts";
export * from "./library/library.ts";
export * from "./migrations/diff.ts";
export * from "./migrations/migrate.ts";
export type { ArchivePage, ArchiveSearch, SearchOrder } from "./search/archive.ts";
export type { AdminSession } from "./store/admin-sessions.ts";
export type { BounceOf } from "./store/bounces.ts";
export type { ConnectionOptions } from "./store/connection.ts";
export type { Claim, ClaimedDelivery } from "./store/deliveries/claims.ts";
export type { DeliveryView } from "./store/deliveries/views.ts";
export type { DeliveryResult, DeliveryWrite } from "./store/deliveries/writes.ts";
export type { ImportedReader, ImportOutcome } from "./store/imports.ts";
export type { IngestCounts } from "./store/ingest/ingest.ts";
export type { MergeView } from "./store/merges.ts";
export type { PaperRevision, TrendingCandidate } from "./store/papers.ts";
export type {
  DueSubscription,
  PlannedEdition,
  PlannedPage,
} from "./store/planning.ts";
export type { RequestView } from "./store/requests.ts";
export type { Forgotten, RetentionDays } from "./store/retention.ts";
export type { SampleRemoval } from "./store/sample.ts";
export type { SearchLimits } from "./store/searches.ts";
export type { ClaimedSource } from "./store/source-claims.ts";
export type { ComparedDay, HeldPaper, KnownDay, ShownBatch } from "./store/source-days.ts";
export type { SourceRhythm, SourceView } from "./store/sources.ts";
export * from "./store/store.ts";
export type { Slots, StreamView } from "./store/streams.ts";
export type { SubscriptionStatus, SubscriptionView } from "./store/subscriptions.ts";
export type { Suppression, SuppressionReason } from "./store/suppressions.ts";
export type { Limit } from "./store/throttles.ts";
