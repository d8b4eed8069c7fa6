import type { Connection } from "./connection.ts";

/** What a reader may ask of us: all that is kept, or to be forgotten. */
export function readerData({ query }: Connection) {
  return {
    /** Everything that is kept about the reader of a subscription; null when there is none. */
    everythingAbout: async (id: string): Promise<object | null> => {
      const [row] = await query<{ about: object }>(
        `SELECT json_build_object('email', r.email, 'since', r.created_at, 'subscription', to_json(s),
           'topics', (SELECT coalesce(json_agg(t ORDER BY t.position), '[]') FROM topics t WHERE t.subscription_id = s.id),
           'requests', (SELECT coalesce(json_agg(q ORDER BY q.created_at), '[]') FROM subscription_requests q WHERE q.subscription_id = s.id),
           'deliveries', (SELECT coalesce(json_agg(d ORDER BY d.planned_at), '[]') FROM deliveries d WHERE d.subscription_id = s.id),
           'digests', (SELECT coalesce(json_agg(g ORDER BY g.planned_at), '[]') FROM digests g WHERE g.subscription_id = s.id),
           'bounces', (SELECT coalesce(json_agg(b ORDER BY b.received_at), '[]') FROM bounces b
             JOIN deliveries d ON d.id = b.delivery_id WHERE d.subscription_id = s.id)) AS about
         FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id WHERE s.id = $1`,
        [id],
      );
      return row?.about ?? null;
    },

    /** Forgets a reader and all that hangs on it; a suppression of the address stays, as a hash. False when there is none. */
    erase: async (id: string): Promise<boolean> => {
      const rows = await query(
        "DELETE FROM subscribers WHERE id = (SELECT subscriber_id FROM subscriptions WHERE id = $1) RETURNING id",
        [id],
      );
      return rows.length > 0;
    },

    /** The subscription of an address, by its key; null when there is none. */
    findByAddress: async (addressKey: string): Promise<string | null> => {
      const [row] = await query<{ id: string }>(
        "SELECT s.id FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id WHERE r.address_key = $1",
        [addressKey],
      );
      return row?.id ?? null;
    },
  };
}
