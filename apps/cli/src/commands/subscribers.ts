import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { mailboxKey, parseAddress, parseQuery, printQuery, type SubscriptionOrder } from "@paperboy/core";
import type { Store, SubscriptionView } from "@paperboy/db";
import { z } from "zod";

const line = z.object({
  email: z.string(),
  status: z.enum(["pending", "active", "unsubscribed"]).default("active"),
  topics: z.array(z.object({ name: z.string().min(1), query: z.string() })),
  trending: z.boolean().default(false),
  replacements: z.boolean().default(false),
  noteWhenEmpty: z.boolean().default(false),
  cadence: z.enum(["daily", "weekdays", "weekly"]).default("daily"),
  weekday: z.int().min(1).max(7).default(1),
  localMinute: z.int().min(0).max(1439).default(420),
  timezone: z.string().default("UTC"),
  maxPapers: z.int().min(1).max(50).default(20),
});

/** All subscriptions as JSON lines, which `importSubscribers` reads. */
export async function exportSubscribers(store: Store): Promise<{ lines: string; exported: number }> {
  const all = await store.subscriptions.list(Number.MAX_SAFE_INTEGER);
  const toLine = ({ email, status, order }: SubscriptionView) =>
    `${JSON.stringify({ email, status, ...order })}\n`;
  return { lines: all.map(toLine).join(""), exported: all.length };
}

export interface ImportReport {
  imported: number;
  /** Readers who have a subscription here, which is left as it is. */
  known: number;
  refused: number;
  readonly refusals: { readonly at: string; readonly reason: string }[];
}

/**
 * Takes over subscriptions whose readers have agreed elsewhere. Only active ones are taken; a reader known here
 * keeps what he has, also when he has unsubscribed.
 */
export async function importSubscribers(store: Store, file: string, now: Date): Promise<ImportReport> {
  const known = new Set(
    (await store.subscriptions.list(Number.MAX_SAFE_INTEGER)).map(({ email }) => mailboxKey(email)),
  );
  const report: ImportReport = { imported: 0, known: 0, refused: 0, refusals: [] };
  let number = 0;
  for await (const text of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number++;
    if (text.trim() === "") continue;
    try {
      const { address, order, active } = readLine(text);
      if (!active || known.has(address.key)) report.known++;
      else {
        const { requestId } = await store.subscriptions.request(address, order, now);
        await store.subscriptions.confirm(requestId, now);
        known.add(address.key);
        report.imported++;
      }
    } catch (error) {
      report.refused++;
      report.refusals.push({ at: `line ${number}`, reason: (error as Error).message });
    }
  }
  return report;
}

function readLine(text: string): {
  address: { address: string; key: string };
  order: SubscriptionOrder;
  active: boolean;
} {
  const parsed = line.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`${issue?.path.join(".") || "the record"}: ${issue?.message}`);
  }
  const { email, status, ...order } = parsed.data;
  const address = parseAddress(email);
  if (!address.ok) throw new Error(`email: ${address.reason}`);
  const topics = order.topics.map(({ name, query }) => ({ name, query: printQuery(parseQuery(query)) }));
  return { address, order: { ...order, topics }, active: status === "active" };
}
