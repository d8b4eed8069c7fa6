import { DAY_MS, type SubscriptionOrder } from "@paperboy/core";
import type { SubscriptionStatus } from "../generated/enums.ts";
import type { Connection, Query } from "./connection.ts";
import { activate, applyOrder, ENDED, schedule } from "./orders.ts";
import { statement } from "./statement.ts";
import { type ReaderAddress, useSubscription } from "./subscribers.ts";
import { suppress } from "./suppressions.ts";

/** A reader as another service, or a backup, knew them. */
export interface ImportedReader {
  readonly address: ReaderAddress;
  readonly order: SubscriptionOrder;
  /** `blocked`: nothing may be mailed to the address at all. */
  readonly status: "active" | "unsubscribed" | "blocked";
  /** When they agreed; now when it is not known. */
  readonly confirmedAt: Date | null;
  readonly unsubscribedAt: Date | null;
  /** Local date, ISO 8601. */
  readonly pausedUntil: string | null;
}

/** `imported`: digests will come; `known`: what is here stays; `stopped`: that nothing may come is kept. */
export type ImportOutcome = "imported" | "known" | "stopped";

/** Takes readers over whose consent the operator vouches for; nothing is mailed, and no mail is planned. */
export function importStore({ transaction, hashes }: Connection) {
  return {
    /**
     * Takes one reader over in one transaction, so that a kill leaves all of them or nothing. Taking them over again changes
     * nothing. Who has a subscription here keeps it, except that an unsubscribing counts wherever it was said, unless they
     * agreed here after it.
     */
    importReader: (reader: ImportedReader, now: Date): Promise<ImportOutcome> =>
      transaction(async (query) => {
        const id = await useSubscription(query, reader.address);
        const here = await lock(query, id);
        if (reader.status === "blocked") {
          const { address } = reader.address;
          await suppress(query, hashes, address, "operator", "blocked where they were imported from", now);
        }
        if (reader.status !== "active") return stop(query, id, here, reader, now);
        if (here.status !== "pending") return "known";
        await start(query, id, reader, now);
        return "imported";
      }),
  };
}

interface Here {
  readonly status: SubscriptionStatus;
  /** The last time they agreed here. */
  readonly agreedAt: Date | null;
}

const LOCK_READER = statement<Here>(
  "imports.lockReader",
  { status: "text", agreedAt: "instant?" },
  `SELECT status, greatest(confirmed_at, (SELECT max(q.confirmed_at) FROM subscription_requests q
       WHERE q.subscription_id = s.id)) AS "agreedAt"
     FROM subscriptions s WHERE id = $1 FOR UPDATE`,
);

async function lock(query: Query, id: string): Promise<Here> {
  const [row] = await query(LOCK_READER, [id]);
  return row as Here;
}

async function stop(
  query: Query,
  id: string,
  { status, agreedAt }: Here,
  { order, unsubscribedAt, confirmedAt }: ImportedReader,
  now: Date,
): Promise<ImportOutcome> {
  if (status === "unsubscribed") return "known";
  const isOlder = unsubscribedAt !== null && agreedAt !== null && unsubscribedAt <= agreedAt;
  if (status === "active" && isOlder) return "known";
  // Who comes back finds what they had ordered.
  if (status === "pending") await applyOrder(query, id, order, now);
  await query(`UPDATE subscriptions SET ${ENDED}, confirmed_at = coalesce(confirmed_at, $3) WHERE id = $1`, [
    id,
    unsubscribedAt ?? now,
    confirmedAt,
  ]);
  return "stopped";
}

async function start(query: Query, id: string, reader: ImportedReader, now: Date): Promise<void> {
  const { order, pausedUntil, confirmedAt } = reader;
  await applyOrder(query, id, order, now);
  await query(
    "UPDATE subscriptions SET confirmed_at = coalesce($2, confirmed_at), paused_until = $3 WHERE id = $1",
    [id, confirmedAt, pausedUntil],
  );
  await activate(query, id, now);
  if (pausedUntil !== null) await schedule(query, id, order, now, dayBefore(pausedUntil));
}

const dayBefore = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
