import {
  DAY_MS,
  type Edition,
  type FrozenSection,
  nextEdition,
  type SubscriptionOrder,
} from "@paperboy/core";
import type { DeliveryStory, DestinationView, EditionRow, SubscriptionView, Suppression } from "@paperboy/db";
import type { TopicStory } from "./topic-stories.ts";

/** A section of an edition that is no topic's: what trends, or new versions. */
export interface OtherSection {
  readonly kind: FrozenSection["kind"];
  readonly name: string;
  readonly papers: readonly { readonly id: number; readonly title: string; readonly reason: string | null }[];
}

/** One edition of a reader, from its hour to what the relay said. */
export interface EditionStory {
  readonly date: string;
  /** By the schedule as it is now; null when it has no edition of this date. */
  readonly dueAt: Date | null;
  /** Null when it is not planned. */
  readonly plannedAt: Date | null;
  /** Null when it is not planned, carried nothing, or its content is no longer kept. */
  readonly digestId: string | null;
  readonly notes: readonly string[];
  readonly topics: readonly TopicStory[];
  readonly sections: readonly OtherSection[];
  readonly delivery: DeliveryStory | null;
}

/** What is known of a reader. */
export interface ReaderFacts {
  readonly email: string;
  readonly subscriptionId: string;
  readonly status: SubscriptionView["status"];
  readonly order: SubscriptionOrder;
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  readonly unsubscribedAt: Date | null;
  readonly pausedUntil: string | null;
  readonly suppressed: Pick<Suppression, "reason" | "detail" | "createdAt"> | null;
  /** The newest mail that asked to confirm; null when none is kept. */
  readonly confirmation: DeliveryStory | null;
  readonly edition: EditionStory | null;
  /** The oldest edition not planned yet. */
  readonly next: { readonly date: string; readonly dueAt: Date } | null;
  /** What pauses or slows down mails to this reader. */
  readonly sending: readonly DestinationView[];
}

/** The same, before it is judged. */
export interface UnjudgedFacts extends ReaderFacts {
  /** All that are kept, oldest first. */
  readonly editions: readonly EditionRow[];
}

/** The edition of a date, by a schedule; null when it has none. */
export function editionOn(schedule: SubscriptionOrder, date: string): Edition | null {
  const dayBefore = new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
  const edition = nextEdition(schedule, new Date(0), dayBefore);
  return edition.date === date ? edition : null;
}
