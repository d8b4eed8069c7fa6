import type { DigestPages } from "./digest.ts";
import { DAY_MS } from "./durations.ts";
import { type SigningKey, signLink } from "./links.ts";
import { orderHash, type SubscriptionOrder } from "./order.ts";

/** How long a confirmation link works. */
export const CONFIRM_VALID_DAYS = 7;
/** How long the link to a reader's own page works, from the mail it stands in. Unsubscribing never ends. */
export const MANAGE_VALID_DAYS = 90;

/** Builds the absolute addresses that mails and pages carry. */
export interface PublicPages {
  readonly home: string;
  readonly confirm: (requestId: string, order: SubscriptionOrder, requestedAt: Date) => string;
  /** The links of one digest, those to the reader's own page included: for the reader's mail and nothing else. */
  readonly digest: (delivery: LinkedDelivery) => DigestPages;
  /** The links of one digest that may be shown to anybody. */
  readonly sharedDigest: (deliveryId: string) => DigestPages;
  /** The reader's own page. */
  readonly manage: (subscription: LinkedSubscription, issuedAt: Date) => string;
  readonly manageToken: (subscription: LinkedSubscription, issuedAt: Date) => string;
  readonly search: (query: string) => string;
  readonly paper: (id: number) => string;
}

/** A subscription, and how often the links to its page were revoked: a token names the count it was made at. */
export interface LinkedSubscription {
  readonly id: string;
  readonly manageRevision: number;
}

/** A mail with links to its reader's page. */
export interface LinkedDelivery {
  readonly id: string;
  readonly subscriptionId: string;
  readonly manageRevision: number;
  readonly plannedAt: Date;
}

/** What the token of a manage link is bound to. */
export const manageBinding = (revision: number): string => revision.toString(36);

/**
 * @param publicUrl where readers reach the service, e.g. `https://papers.example.org`; a path is kept.
 */
export function publicPages(publicUrl: string, keys: readonly SigningKey[]): PublicPages {
  const base = publicUrl.replace(/\/+$/, "");
  const withToken = (path: string, token: string) => `${base}${path}?token=${token}`;
  const paper = (id: number) => `${base}/papers/${id}`;
  const search = (query: string) => `${base}/search?q=${encodeURIComponent(query)}`;
  const section: DigestPages["section"] = ({ query }) =>
    query === null ? `${base}/trending` : search(query);
  /** What was chosen for one reader is listed nowhere but in their digest. */
  const sectionOf =
    (id: string): DigestPages["section"] =>
    (each) =>
      each.kind === "forYou" ? view(id) : section(each);
  const view = (id: string) => `${base}/digests/${signLink("view", id, keys)}`;
  const after = (from: Date, days: number) => new Date(from.getTime() + days * DAY_MS);
  const manageToken: PublicPages["manageToken"] = ({ id, manageRevision }, issuedAt) =>
    signLink("manage", id, keys, after(issuedAt, MANAGE_VALID_DAYS), manageBinding(manageRevision));
  const manage: PublicPages["manage"] = (subscription, issuedAt) =>
    withToken("/manage", manageToken(subscription, issuedAt));
  return {
    home: `${base}/`,
    search,
    paper,
    manage,
    manageToken,
    confirm: (requestId, order, requestedAt) => {
      const expiresAt = after(requestedAt, CONFIRM_VALID_DAYS);
      return withToken("/confirm", signLink("confirm", requestId, keys, expiresAt, orderHash(order)));
    },
    digest: ({ id, subscriptionId, manageRevision, plannedAt }) => ({
      view: view(id),
      manage: manage({ id: subscriptionId, manageRevision }, plannedAt),
      unsubscribe: withToken("/unsubscribe", signLink("unsubscribe", subscriptionId, keys)),
      mark: withToken(
        "/mark",
        signLink("mark", id, keys, after(plannedAt, MANAGE_VALID_DAYS), manageBinding(manageRevision)),
      ),
      section: sectionOf(id),
      paper,
    }),
    sharedDigest: (id) => ({ view: view(id), manage: "", unsubscribe: "", section: sectionOf(id), paper }),
  };
}
