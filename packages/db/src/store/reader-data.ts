import type { Connection } from "./connection.ts";
import { statement } from "./statement.ts";
import { findSubscriber } from "./subscribers.ts";

const EXPORT_READER = statement<{ about: object }>(
  "reader-data.exportReader",
  { about: "json!" },
  `SELECT json_build_object('email', r.email, 'since', r.created_at, 'subscription', to_json(s),
           'topics', (SELECT coalesce(json_agg(t ORDER BY t.position), '[]') FROM topics t WHERE t.subscription_id = s.id),
           'requests', (SELECT coalesce(json_agg(q ORDER BY q.created_at), '[]') FROM subscription_requests q WHERE q.subscription_id = s.id),
           'deliveries', (SELECT coalesce(json_agg(d ORDER BY d.planned_at), '[]') FROM deliveries d WHERE d.subscription_id = s.id),
           'events', (SELECT coalesce(json_agg(e ORDER BY e.id), '[]') FROM delivery_events e
             JOIN deliveries d ON d.id = e.delivery_id WHERE d.subscription_id = s.id),
           'digests', (SELECT coalesce(json_agg(g ORDER BY g.planned_at), '[]') FROM digests g WHERE g.subscription_id = s.id),
           'taste', (SELECT json_build_object('marks', coalesce(json_agg(json_build_object('direction', m.direction, 'title', m.title,
               'abstract', m.abstract, 'authors', m.authors, 'paperId', m.paper_id, 'markedAt', m.marked_at, 'at', m.created_at,
               'words', m.words) ORDER BY m.created_at, m.id), '[]'),
             'struckOut', (SELECT struck FROM tastes WHERE subscription_id = s.id),
             'pinned', (SELECT pinned FROM tastes WHERE subscription_id = s.id),
             'words', (SELECT string_to_array(nullif(terms, ''), chr(10)) FROM tastes WHERE subscription_id = s.id))
             FROM marks m WHERE m.subscription_id = s.id),
           'bounces', (SELECT coalesce(json_agg(b ORDER BY b.received_at), '[]') FROM bounces b
             JOIN deliveries d ON d.id = b.delivery_id WHERE d.subscription_id = s.id)) AS about
         FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id WHERE s.id = $1`,
);

const ERASE = statement<{ subscriberId: string; emails: string[] }>(
  "reader-data.erase",
  { subscriberId: "text", emails: "text[]!" },
  `SELECT r.id AS "subscriberId", array_agg(DISTINCT each.email) AS emails
           FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id, LATERAL (
             SELECT r.email UNION SELECT q.email FROM subscription_requests q WHERE q.subscription_id = s.id AND q.email IS NOT NULL
           ) AS each WHERE s.id = $1 GROUP BY r.id`,
);

/** What a reader may ask of us: all that is kept, or to be forgotten. */
export function readerData({ query, prisma, transaction, hashes }: Connection) {
  return {
    /** Everything that is kept about the reader of a subscription; null when there is none. */
    exportReader: async (id: string): Promise<object | null> => {
      const [row] = await query(EXPORT_READER, [id]);
      return row?.about ?? null;
    },

    /**
     * Forgets a reader and all that hangs on it; that nothing may be mailed to the address stays, as a hash.
     *
     * @returns the addresses it was known by, for what is kept outside of the database; null when there is none.
     */
    erase: (id: string): Promise<string[] | null> =>
      transaction(async (inside) => {
        const [reader] = await inside(ERASE, [id]);
        if (reader === undefined) return null;
        await inside("DELETE FROM subscribers WHERE id = $1", [reader.subscriberId]);
        await inside("UPDATE suppressions SET detail = NULL WHERE address_hash = ANY($1)", [
          reader.emails.flatMap(hashes.all),
        ]);
        return reader.emails;
      }),

    /** The subscription of an address, in any spelling; null when there is none. */
    findByAddress: async (address: string): Promise<string | null> => {
      const subscriberId = await findSubscriber(query, address);
      if (subscriberId === null) return null;
      const row = await prisma.subscription.findFirst({ where: { subscriberId }, select: { id: true } });
      return row?.id ?? null;
    },
  };
}
