import type { SubscriptionOrder, TopicOrder } from "@paperboy/core";
import type { SubscriptionStatus } from "../generated/enums.ts";
import type { Connection } from "./connection.ts";
import { importStore } from "./imports.ts";
import { manageLinkStore } from "./manage-links.ts";
import { activate, applyOrder, ENDED, lockOrder, pauseUntil } from "./orders.ts";
import { readerData } from "./reader-data.ts";
import { requestStore } from "./requests.ts";

export type { SubscriptionStatus };

/** A reader's subscription as they may see and change it. */
export interface SubscriptionView {
  readonly id: string;
  readonly email: string;
  readonly status: SubscriptionStatus;
  readonly order: SubscriptionOrder;
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  readonly unsubscribedAt: Date | null;
  readonly nextDueAt: Date | null;
  /** Local date, ISO 8601; null when not paused. */
  readonly pausedUntil: string | null;
}

/** What changes of a subscription. */
export interface Revision {
  readonly reorder: (order: SubscriptionOrder) => SubscriptionOrder;
  /** Local date; null ends the pause, and absent leaves it as it is. */
  readonly pausedUntil?: string | null | undefined;
  /** Undoes an unsubscribing; nothing else can be resumed. */
  readonly resume?: boolean;
}

export function subscriptionStore(connection: Connection) {
  const { prisma, transaction } = connection;
  return {
    ...requestStore(connection),
    ...manageLinkStore(connection),
    ...importStore(connection),

    find: async (id: string): Promise<SubscriptionView | null> => {
      const row = await prisma.subscription.findUnique({
        where: { id },
        include: { subscriber: true, topics: { orderBy: { position: "asc" } } },
      });
      return row && toView(row);
    },

    /** The newest subscriptions, at most `limit`, for the operator's eyes. */
    list: async (limit: number): Promise<SubscriptionView[]> => {
      const rows = await prisma.subscription.findMany({
        include: { subscriber: true, topics: { orderBy: { position: "asc" } } },
        orderBy: { createdAt: "desc" },
        take: limit,
      });
      return rows.map(toView);
    },

    /** Replaces the order of a subscription. Takes effect with the next edition. */
    change: (id: string, order: SubscriptionOrder, now: Date): Promise<void> =>
      transaction((query) => applyOrder(query, id, order, now)),

    /**
     * Changes a subscription in one transaction: all of it or nothing.
     *
     * @param reorder makes the new order of the one that stands; when it throws, nothing changes.
     * @returns false when there is no such subscription.
     */
    revise: (id: string, { reorder, pausedUntil, resume }: Revision, now: Date): Promise<boolean> =>
      transaction(async (query) => {
        const before = await lockOrder(query, id);
        if (before === null) return false;
        await applyOrder(query, id, reorder(before.order), now);
        if (pausedUntil !== undefined) await pauseUntil(query, id, pausedUntil, now);
        if (resume && before.status === "unsubscribed") await activate(query, id, now);
        return true;
      }),

    /** Stops a subscription for good, from any state. Idempotent; false when it does not exist. */
    unsubscribe: async (id: string, now: Date): Promise<boolean> => {
      const rows = await connection.query(`UPDATE subscriptions SET ${ENDED} WHERE id = $1 RETURNING id`, [
        id,
        now,
      ]);
      return rows.length > 0;
    },

    /** Lets no edition come before a local date; null ends the pause. What is new meanwhile comes with the first one. */
    pause: (id: string, until: string | null, now: Date): Promise<void> =>
      transaction((query) => pauseUntil(query, id, until, now)),

    /** Undoes an unsubscribing, as the reader may who holds their manage link. */
    resume: (id: string, now: Date): Promise<void> => transaction((query) => activate(query, id, now)),

    /** Makes the next edition due now; false when today's has been planned already or nothing is active. */
    advance: async (id: string, localDate: string, now: Date): Promise<boolean> => {
      const rows = await connection.query(
        `UPDATE subscriptions SET next_due_at = $2, next_date = $3
         WHERE id = $1 AND status = 'active' AND (last_date IS NULL OR last_date < $3) RETURNING id`,
        [id, now, localDate],
      );
      return rows.length > 0;
    },

    ...readerData(connection),

    /** How many subscriptions are in each state. */
    counts: async (): Promise<Record<SubscriptionStatus, number>> => {
      const rows = await prisma.subscription.groupBy({ by: ["status"], _count: true });
      const counts = { pending: 0, active: 0, unsubscribed: 0 };
      for (const { status, _count } of rows) counts[status] = _count;
      return counts;
    },
  };
}

interface SubscriptionRow extends Omit<SubscriptionOrder, "topics"> {
  readonly id: string;
  readonly status: SubscriptionStatus;
  readonly subscriber: { readonly email: string };
  readonly topics: readonly TopicOrder[];
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  readonly unsubscribedAt: Date | null;
  readonly nextDueAt: Date | null;
  readonly pausedUntil: Date | null;
}

function toView(row: SubscriptionRow): SubscriptionView {
  const { trending, cadence, weekday, localMinute, timezone, maxPapers } = row;
  const { replacements = false, noteWhenEmpty = false, forYou = false } = row;
  const topics = row.topics.map(({ name, query }) => ({ name, query }));
  return {
    id: row.id,
    email: row.subscriber.email,
    status: row.status,
    order: {
      topics,
      trending,
      forYou,
      replacements,
      noteWhenEmpty,
      cadence,
      weekday,
      localMinute,
      timezone,
      maxPapers,
    },
    createdAt: row.createdAt,
    confirmedAt: row.confirmedAt,
    unsubscribedAt: row.unsubscribedAt,
    nextDueAt: row.nextDueAt,
    pausedUntil: row.pausedUntil?.toISOString().slice(0, 10) ?? null,
  };
}
