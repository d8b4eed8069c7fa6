import { MANAGE_VALID_DAYS, manageBinding } from "@paperboy/core";
import type { ApiContext } from "./context.ts";
import { Problem } from "./http/problem.ts";
import { MANAGE_ENDED, openBoundLink } from "./link-tokens.ts";
import { noSubscription } from "./subscribing.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The subscription that a manage token opens.
 *
 * @throws Problem 400 for a token that is not ours, 404 when the reader has been erased, 410 for one that has ended: by its
 *   time, or because its reader revoked it.
 */
export async function openManageLink(
  { config, store, now }: Pick<ApiContext, "config" | "store" | "now">,
  token: string,
): Promise<string> {
  const at = now();
  const link = openBoundLink("manage", token, config.keys, at);
  const revision = await store.subscriptions.manageRevision(link.id);
  if (revision === null) throw noSubscription();
  const isCurrent = (link.boundTo ?? manageBinding(0)) === manageBinding(revision);
  if (!isCurrent || (link.expiresAt === null && (await endlessLinkHasEnded(store, at)))) {
    throw new Problem(410, MANAGE_ENDED);
  }
  return link.id;
}

/** Links of older versions had no end; theirs is counted from the upgrade. */
async function endlessLinkHasEnded(store: ApiContext["store"], now: Date): Promise<boolean> {
  const since = await store.subscriptions.endlessLinksSince();
  return since === null || now.getTime() > since.getTime() + MANAGE_VALID_DAYS * DAY_MS;
}
