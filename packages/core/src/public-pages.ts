import type { DigestPages } from "./digest.ts";
import { type SigningKey, signLink } from "./links.ts";

/** How long a confirmation link works. */
export const CONFIRM_VALID_DAYS = 7;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Builds the absolute addresses that mails and pages carry. */
export interface PublicPages {
  readonly home: string;
  readonly confirm: (requestId: string, requestedAt: Date) => string;
  /** The links of one digest. */
  readonly digest: (delivery: { readonly id: string; readonly subscriptionId: string }) => DigestPages;
  readonly manageToken: (subscriptionId: string) => string;
  readonly search: (query: string) => string;
  readonly paper: (id: number) => string;
}

/**
 * @param publicUrl where readers reach the service, e.g. `https://papers.example.org`; a path is kept.
 */
export function publicPages(publicUrl: string, keys: readonly SigningKey[]): PublicPages {
  const base = publicUrl.replace(/\/+$/, "");
  const withToken = (path: string, token: string) => `${base}${path}?token=${token}`;
  const paper = (id: number) => `${base}/papers/${id}`;
  const search = (query: string) => `${base}/search?q=${encodeURIComponent(query)}`;
  return {
    home: `${base}/`,
    search,
    paper,
    confirm: (requestId, requestedAt) => {
      const expiresAt = new Date(requestedAt.getTime() + CONFIRM_VALID_DAYS * DAY_MS);
      return withToken("/confirm", signLink("confirm", requestId, keys, expiresAt));
    },
    manageToken: (subscriptionId) => signLink("manage", subscriptionId, keys),
    digest: ({ id, subscriptionId }) => ({
      view: `${base}/digests/${signLink("view", id, keys)}`,
      manage: withToken("/manage", signLink("manage", subscriptionId, keys)),
      unsubscribe: withToken("/unsubscribe", signLink("unsubscribe", subscriptionId, keys)),
      section: (section) => (section.query === null ? `${base}/trending` : search(section.query)),
      paper,
    }),
  };
}
