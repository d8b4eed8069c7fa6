import { randomUUID } from "node:crypto";
import { FORM_LIMITS, mailboxKey } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import type { DeliveryId } from "./deliveries/delivery-id.ts";
import { statement } from "./statement.ts";
import { findSubscriber } from "./subscribers.ts";
import { countAgainst } from "./throttles.ts";

const CONFIRMED_OF = statement<{ id: string }>(
  "manage-links.confirmedOf",
  { id: "text" },
  "SELECT id FROM subscriptions WHERE subscriber_id = $1 AND confirmed_at IS NOT NULL",
);

/** Links to readers' own pages: new ones by mail, and the end of old ones. */
export function manageLinkStore({ prisma, transaction, throttleKey, deliveryId }: Connection) {
  return {
    /** How often the links of a subscription were revoked; null when there is no such subscription. */
    manageRevision: async (id: string): Promise<number | null> => {
      const row = await prisma.subscription.findUnique({ where: { id }, select: { manageRevision: true } });
      return row?.manageRevision ?? null;
    },

    /** Since when links end that were made without an end; null when that is not known. */
    endlessLinksSince: async (): Promise<Date | null> => {
      const row = await prisma.marker.findUnique({ where: { name: "endless_manage_links" } });
      return row?.at ?? null;
    },

    /**
     * Plans a mail with a new link to the page of an address's reader; links of before keep working.
     *
     * @returns its delivery id; null when nobody has confirmed a subscription there, or the mailbox had enough of these today.
     */
    requestLink: (address: string, now: Date): Promise<string | null> =>
      transaction(async (inside) => {
        const within = await countAgainst(
          inside,
          throttleKey,
          FORM_LIMITS.linksToMailbox,
          mailboxKey(address),
          now,
        );
        const subscriberId = await findSubscriber(inside, address);
        if (!within || subscriberId === null) return null;
        const [subscription] = await inside(CONFIRMED_OF, [subscriberId]);
        return subscription ? planLink(inside, deliveryId, subscription.id, now) : null;
      }),

    /** Makes all links to a reader's page worthless, and plans a mail with a new one. @returns its delivery id. */
    revokeLinks: (id: string, now: Date): Promise<string | null> =>
      transaction(async (inside) => {
        const rows = await inside(
          "UPDATE subscriptions SET manage_revision = manage_revision + 1 WHERE id = $1 RETURNING id",
          [id],
        );
        return rows.length > 0 ? planLink(inside, deliveryId, id, now) : null;
      }),
  };
}

async function planLink(
  query: Query,
  deliveryId: DeliveryId,
  subscriptionId: string,
  now: Date,
): Promise<string> {
  const edition = randomUUID();
  const id = deliveryId(subscriptionId, "link", edition);
  await query(
    "INSERT INTO deliveries (id, subscription_id, kind, edition, planned_at) VALUES ($1, $2, 'link', $3, $4)",
    [id, subscriptionId, edition, now],
  );
  return id;
}
