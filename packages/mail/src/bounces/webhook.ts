import { readPostmark } from "./postmark.ts";
import type { BounceReport } from "./report.ts";
import { readSes } from "./ses.ts";

/** Services that report by HTTP. */
export type WebhookProvider = "ses" | "postmark";

/** The body of a webhook call is nothing this service sends. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

const READERS: Record<WebhookProvider, (body: unknown) => BounceReport[] | null> = {
  ses: readSes,
  postmark: readPostmark,
};

/**
 * Reads the parsed JSON body of a webhook call. No report comes of calls that are only about the subscription.
 * Throws a WebhookError for a body of any other shape; who may call is checked before.
 */
export function readWebhook(provider: WebhookProvider, body: unknown): readonly BounceReport[] {
  const reports = READERS[provider](body);
  if (reports === null) throw new WebhookError(`not a notification of ${provider}`);
  return reports;
}
