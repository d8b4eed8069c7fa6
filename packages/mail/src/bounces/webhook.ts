import { readPostmark } from "./postmark.ts";
import type { Notification } from "./report.ts";
import { readSes } from "./ses.ts";

/** Services that report by HTTP. */
export type WebhookProvider = "ses" | "postmark";

/** The body of a webhook call is nothing this service sends. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

const READERS: Record<WebhookProvider, (body: unknown) => Notification | null> = {
  ses: readSes,
  postmark: readPostmark,
};

/**
 * Reads the parsed JSON body of a webhook call. Throws a WebhookError for a body of any other shape; who may call is
 * checked before. Nothing is fetched: not even the address by which Amazon has a subscription confirmed.
 */
export function readWebhook(provider: WebhookProvider, body: unknown): Notification {
  const notification = READERS[provider](body);
  if (notification === null) throw new WebhookError(`not a notification of ${provider}`);
  return notification;
}
