import type { Cadence, FrozenSection, TopicOrder } from "@paperboy/core";
import type { PlannedTaste } from "./tastes.ts";

/** A subscription whose edition is due, locked by the planner that reads it. */
export interface DueSubscription {
  readonly id: string;
  readonly topics: readonly (TopicOrder & { readonly id: string })[];
  readonly trending: boolean;
  /** Whether papers come that are like those they marked. */
  readonly forYou: boolean;
  /** What that is judged by; null when nothing is marked, or the weights are not made yet. */
  readonly taste: PlannedTaste | null;
  readonly replacements: boolean;
  /** Whether an edition without papers comes as a note. */
  readonly noteWhenEmpty: boolean;
  /** Revisions up to this id stood before an earlier edition. */
  readonly revisionWatermark: number;
  readonly cadence: Cadence;
  readonly weekday: number;
  readonly localMinute: number;
  readonly timezone: string;
  readonly maxPapers: number;
  /** Papers up to this seq are settled: the reader has had them, or will not. */
  readonly watermark: number;
  /** Papers up to this seq stood before an earlier edition, which may have had no room for them. */
  readonly consideredUpTo: number;
  readonly nextDueAt: Date;
  /** Local date of the oldest edition not planned yet, ISO 8601. */
  readonly nextDate: string;
  /** Papers earlier editions brought, back to the watermark and to the seq the planner asked for, and those they want less of. */
  readonly seen: readonly number[];
  /** Papers of earlier editions that did not go out in time, and that no other has brought since. */
  readonly owed: readonly number[];
}

/** As it is claimed, before the papers of earlier editions are looked up. */
export type ClaimedSubscription = Omit<DueSubscription, "seen" | "owed" | "consideredUpTo" | "taste">;

/** What the planner decided for one due subscription. */
export interface PlannedEdition {
  readonly subscriptionId: string;
  readonly date: string;
  readonly status: "pending" | "skipped";
  readonly paperIds: readonly number[];
  readonly sections: readonly FrozenSection[];
  /** The newest seq this edition considered. */
  readonly toSeq: number;
  /** The newest revision this edition considered. */
  readonly revisionWatermark?: number;
  /** Lines for the footer. */
  readonly notes?: readonly string[];
  /** Why it is skipped; null when it is not. */
  readonly reason?: string | null;
  /** The watermark after this edition: below `toSeq` when matches are left for the next one. */
  readonly watermark: number;
  readonly nextDueAt: Date;
  readonly nextDate: string;
}
