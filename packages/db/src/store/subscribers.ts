import { mailboxKey } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { lockUntilCommit } from "./locks.ts";
import { statement } from "./statement.ts";

/** A reader's address as it was written, and the key of its mailbox. */
export interface ReaderAddress {
  readonly address: string;
  readonly key: string;
}

const FIND_SUBSCRIBER = statement<{ id: string }>(
  "subscribers.findSubscriber",
  { id: "text" },
  "SELECT id FROM subscribers WHERE address_key = ANY($1) ORDER BY (address_key = $2) DESC LIMIT 1",
);

/**
 * The subscriber of a mailbox. Who was here under this very spelling before mailboxes had one key is preferred: several
 * readers may then share a mailbox, and only one of them has its key.
 */
export async function findSubscriber(query: Query, address: string): Promise<string | null> {
  const [row] = await query(FIND_SUBSCRIBER, [
    [address.toLowerCase(), mailboxKey(address)],
    address.toLowerCase(),
  ]);
  return row?.id ?? null;
}

const SUBSCRIPTION_OF = statement<{ id: string }>(
  "subscribers.subscriptionOf",
  { id: "text" },
  `INSERT INTO subscriptions (subscriber_id) VALUES ($1)
     ON CONFLICT (subscriber_id) DO UPDATE SET subscriber_id = EXCLUDED.subscriber_id RETURNING id`,
);

/** The subscription of a mailbox, made when it has none. */
export async function useSubscription(query: Query, { address }: ReaderAddress): Promise<string> {
  const subscriberId = (await findSubscriber(query, address)) ?? (await addSubscriber(query, address));
  const [subscription] = await query(SUBSCRIPTION_OF, [subscriberId]);
  return (subscription as { id: string }).id;
}

const ADD_SUBSCRIBER = statement<{ id: string }>(
  "subscribers.addSubscriber",
  { id: "text" },
  `INSERT INTO subscribers (email, address_key) VALUES ($1, $2)
     ON CONFLICT (address_key) DO UPDATE SET address_key = EXCLUDED.address_key RETURNING id`,
);

async function addSubscriber(query: Query, address: string): Promise<string> {
  const [row] = await query(ADD_SUBSCRIBER, [address, mailboxKey(address)]);
  return (row as { id: string }).id;
}

const ADDRESS_OF_READER = statement<{ email: string }>(
  "subscribers.addressOfReader",
  { email: "text" },
  "SELECT r.email FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id WHERE s.id = $1",
);

/** The address of who ordered a subscription; empty when there is none. */
export async function addressOfReader(query: Query, subscriptionId: string): Promise<string> {
  const [row] = await query(ADDRESS_OF_READER, [subscriptionId]);
  return row?.email ?? "";
}

/** Raised whenever `mailboxKey` learns another rule. */
const KEYS_OF = "mailbox_keys_1";
const AT_ONCE = 5_000;

interface KeyedSubscriber {
  readonly id: string;
  readonly email: string;
  readonly key: string;
}

const KEYED_PAGE = statement<KeyedSubscriber>(
  "subscribers.keyedPage",
  { id: "text", email: "text", key: "text" },
  "SELECT id, email, address_key AS key FROM subscribers WHERE id > $1 ORDER BY id LIMIT $2",
);

/**
 * Gives stored addresses the keys and hashes that are made now: of subscribers by the rules of mailboxes, of suppressions by the
 * current secret. Does it once for each set of rules and secret; safe to be called by many processes at once. Readers who turn
 * out to share a mailbox all stay: the one who reads, or else who came first, gets its key.
 */
export function addressUpgrade({ query, transaction, hashes }: Connection, suppressed: Suppressed) {
  return async (now: Date): Promise<void> => {
    const marker = `${KEYS_OF}:${hashes.keyIds[0] ?? ""}`;
    const done = await query("SELECT FROM markers WHERE name = $1", [marker]);
    if (done.length > 0) return;
    for (let after = NO_UUID; ; ) {
      const page = await query(KEYED_PAGE, [after, AT_ONCE]);
      const last = page.at(-1);
      if (last === undefined) break;
      await transaction((inside) => giveKeys(inside, page));
      await suppressed(page.map(({ email }) => email));
      after = last.id;
    }
    await query("INSERT INTO markers (name, at) VALUES ($1, $2) ON CONFLICT DO NOTHING", [marker, now]);
  };
}

type Suppressed = (addresses: readonly string[]) => Promise<unknown>;

const NO_UUID = "00000000-0000-0000-0000-000000000000";

async function giveKeys(query: Query, page: readonly KeyedSubscriber[]): Promise<void> {
  const wanted = page
    .map(({ id, email, key }) => ({ id, key, wanted: mailboxKey(email) }))
    .filter((each) => each.wanted !== each.key);
  if (wanted.length === 0) return;
  await lockUntilCommit(query, "mailboxKeys");
  await query(
    `WITH ranked AS (
       SELECT w.id, w.wanted, row_number() OVER (PARTITION BY w.wanted ORDER BY s.status = 'active' DESC NULLS LAST, r.created_at, r.id) AS place
       FROM jsonb_to_recordset($1) AS w(id uuid, wanted text)
       JOIN subscribers r ON r.id = w.id LEFT JOIN subscriptions s ON s.subscriber_id = r.id
     )
     UPDATE subscribers r SET address_key = ranked.wanted FROM ranked
     WHERE r.id = ranked.id AND ranked.place = 1
       AND NOT EXISTS (SELECT FROM subscribers other WHERE other.address_key = ranked.wanted)`,
    [JSON.stringify(wanted)],
  );
}
