import type { Paces, SendOutcome } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { addReaders } from "@paperboy/harness/readers";
import { deliver, type Mailer } from "@paperboy/worker";
import type pg from "pg";

/** When the editions are planned, and due. */
export const PLANNED = new Date("2026-11-24T07:30:00Z");

/** Plans an edition for each of so many readers; gives the ids of their deliveries. */
export async function planEditions(store: Store, sql: pg.Pool, readers: number): Promise<readonly string[]> {
  await sql.query("TRUNCATE subscribers CASCADE");
  await addReaders(store, readers, new Date("2026-11-20T12:00:00Z"));
  await sql.query("DELETE FROM deliveries");
  const { pending } = await store.planPage({ now: PLANNED, limit: readers, seenFromSeq: 1 }, (due) =>
    due.map(({ id, nextDate }) => ({
      ...{ subscriptionId: id, date: nextDate, status: "pending", paperIds: [], sections: [] },
      ...{ toSeq: 0, watermark: 0, nextDueAt: new Date("2026-11-25T07:30:00Z"), nextDate: "2026-11-25" },
    })),
  );
  return pending;
}

export type Send = (beforeDot: () => Promise<void>, id: string) => Promise<SendOutcome>;

export interface Run {
  readonly now?: Date;
  readonly connections?: number;
  readonly policy?: "hold" | "retry";
  readonly signal?: AbortSignal;
  readonly paces?: Paces;
  readonly warmUpFrom?: string;
}

/** Delivers what is due with a mailer that does nothing but this. */
export function run(store: Store, send: Send, { now = PLANNED, connections = 1, policy, ...rest }: Run = {}) {
  const mailer: Mailer = {
    connections,
    send: async ({ id }, _papers, beforeDot) => ({
      messageId: `<${id}@b>`,
      outcome: await send(beforeDot, id),
    }),
  };
  return deliver(store, mailer, {
    now: () => now,
    leaseSeconds: 30,
    unknownPolicy: policy ?? "hold",
    ...rest,
  });
}

/** Hands a mail over as the transport does. */
export const sendTo =
  (taken: string[]): Send =>
  async (beforeDot, id) => {
    try {
      await beforeDot();
    } catch (error) {
      return { kind: "aborted", error: error as Error };
    }
    taken.push(id);
    return { kind: "submitted", response: "250 ok" };
  };
