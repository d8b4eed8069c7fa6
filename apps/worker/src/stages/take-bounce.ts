import { deliveryOfBounceAddress, type SigningKey } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { type BounceReport, readBounce, readWebhook, type WebhookProvider } from "@paperboy/mail";

/** What taking a mail that came back asks of the store. */
export interface BounceTaker {
  readonly bounces: Pick<Store["bounces"], "record">;
}

/** How a mail was understood, and whether it changed anything. */
export interface TakenBounce {
  readonly kind: BounceReport["kind"];
  readonly applied: boolean;
}

const OUR_MESSAGE_ID = /^<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@/i;

/**
 * Reads a mail that came back and acts on it when it proves to be about a mail of ours: by the return path it came to,
 * else by the Message-ID of the mail it quotes, which nobody can guess who did not get it. Whatever else it says changes
 * nothing, and nothing is ever answered.
 */
export async function takeBounce(
  store: BounceTaker,
  raw: Uint8Array,
  keys: readonly SigningKey[],
  now: Date,
): Promise<TakenBounce> {
  const report = await readBounce(raw);
  return { kind: report.kind, applied: await act(store, report, keys, now) };
}

/**
 * Takes a notification of a mail service, by the same rules; gives how many changed something.
 *
 * @throws WebhookError when the body is no notification of this service.
 */
export async function takeWebhook(
  store: BounceTaker,
  provider: WebhookProvider,
  body: unknown,
  keys: readonly SigningKey[],
  now: Date,
): Promise<number> {
  let applied = 0;
  for (const report of readWebhook(provider, body)) if (await act(store, report, keys, now)) applied++;
  return applied;
}

async function act(
  store: BounceTaker,
  report: BounceReport,
  keys: readonly SigningKey[],
  now: Date,
): Promise<boolean> {
  const { kind, status, reason } = report;
  if (kind === "ignored" || kind === "unrecognised") return false;
  const deliveryId = deliveryOf(report, keys);
  if (deliveryId === null) return false;
  return store.bounces.record({ deliveryId, kind, status, reason }, now);
}

function deliveryOf(
  { deliveredTo, originalMessageId }: BounceReport,
  keys: readonly SigningKey[],
): string | null {
  for (const address of deliveredTo) {
    const found = deliveryOfBounceAddress(address, keys);
    if (found !== null) return found;
  }
  return OUR_MESSAGE_ID.exec(originalMessageId ?? "")?.[1] ?? null;
}
