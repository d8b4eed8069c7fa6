import { DAY_MS, deliveryOfBounceAddress, type SigningKey, verifyLink } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { type BounceReport, readBounce, readWebhook, type WebhookProvider } from "@paperboy/mail";

/** What taking a mail that came back asks of the store. */
export interface BounceTaker {
  readonly bounces: Pick<Store["bounces"], "record" | "newestTo" | "stop">;
}

/** How a mail was understood, and whether it changed anything. */
export interface TakenBounce {
  readonly kind: BounceReport["kind"];
  readonly applied: boolean;
  /** The delivery it proved to be about. */
  readonly deliveryId?: string;
  /** The subscription it asked to stop. */
  readonly subscriptionId?: string;
}

/** How a notification of a mail service was taken. */
export interface TakenNotification {
  /** How many of its reports changed something. */
  readonly applied: number;
  /** What it said of each delivery, and whether that changed anything. */
  readonly reports: readonly TakenBounce[];
  /** What a person has to do before the service tells anything; null when nothing. */
  readonly notice: string | null;
}

const OUR_MESSAGE_ID = /^<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@/i;
/** A service tells of a mail within days; what it says of an address is about no older mail. */
const NOTIFICATION_DAYS = 30;

/**
 * Reads a mail that came back and acts on it when it proves to be about a mail of ours: by the return path it came to,
 * else by the Message-ID of the mail it quotes, which nobody can guess who did not get it. A mail whose subject is
 * `unsubscribe` and a token of ours stops that subscription, whoever sent it. Whatever else it says changes nothing,
 * and nothing is ever answered.
 *
 * @param read how a mail is read: in a thread of its own where strangers send it, else here.
 */
export async function takeBounce(
  store: BounceTaker,
  raw: Uint8Array,
  keys: readonly SigningKey[],
  now: Date,
  read: (raw: Uint8Array) => Promise<BounceReport> = readBounce,
): Promise<TakenBounce> {
  const report = await read(raw);
  const { kind } = report;
  if (kind === "unsubscribe") return unsubscribe(store, report, keys, now);
  const deliveryId = deliveryOf(report, keys);
  if (deliveryId === null) return { kind, applied: false };
  return { kind, applied: await recordOne(store, report, deliveryId, now), deliveryId };
}

/**
 * Takes a notification of a mail service. Whoever calls has proved to be the service, so that its word for the reader's
 * address is taken when it names no mail of ours: services give mails ids of their own. Mails, which anybody can send,
 * never have that much said.
 *
 * @throws WebhookError when the body is no notification of this service.
 */
export async function takeWebhook(
  store: BounceTaker,
  provider: WebhookProvider,
  body: unknown,
  keys: readonly SigningKey[],
  now: Date,
): Promise<TakenNotification> {
  const { reports, notice } = readWebhook(provider, body);
  const taken: TakenBounce[] = [];
  for (const report of reports) {
    if (!isFailure(report)) continue;
    const named = deliveryOf(report, keys);
    const since = new Date(now.getTime() - NOTIFICATION_DAYS * DAY_MS);
    const ids = named === null ? await store.bounces.newestTo(report.recipients, since, report.at) : [named];
    for (const deliveryId of ids)
      taken.push({ kind: report.kind, applied: await recordOne(store, report, deliveryId, now), deliveryId });
  }
  return { applied: taken.filter(({ applied }) => applied).length, reports: taken, notice };
}

type Failure = BounceReport & { readonly kind: "hard" | "soft" | "complaint" };

/** A warning fails nothing: the mail may still arrive, and when it does not, another report says so. */
function isFailure(report: BounceReport): report is Failure {
  const { kind, delayed } = report;
  return (kind === "hard" || kind === "soft" || kind === "complaint") && !delayed;
}

/** Gives whether it changed something. */
async function recordOne(
  store: BounceTaker,
  report: BounceReport,
  deliveryId: string,
  now: Date,
): Promise<boolean> {
  if (!isFailure(report)) return false;
  const { kind, status, reason } = report;
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

async function unsubscribe(
  store: BounceTaker,
  { unsubscribeToken, at }: BounceReport,
  keys: readonly SigningKey[],
  now: Date,
): Promise<TakenBounce> {
  const link = verifyLink("unsubscribe", unsubscribeToken ?? "", keys, now);
  if (!link.ok) return { kind: "unsubscribe", applied: false };
  const applied = await store.bounces.stop(link.id, at, now);
  return { kind: "unsubscribe", applied, subscriptionId: link.id };
}
