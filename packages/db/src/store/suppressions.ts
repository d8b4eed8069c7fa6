import { redact } from "@paperboy/core";
import type { AddressHashes } from "./address-hash.ts";
import type { Connection, Query } from "./connection.ts";
import { statement } from "./statement.ts";

/** Why nothing may be mailed to an address any more. */
export type SuppressionReason = "bounce" | "complaint" | "operator";

export interface Suppression {
  readonly addressHash: string;
  readonly reason: string;
  readonly detail: string | null;
  readonly createdAt: Date;
}

const UNREADABLE = statement<{ n: number }>(
  "suppressions.unreadable",
  { n: "int!" },
  `SELECT count(*)::int AS n FROM suppressions
         WHERE address_hash LIKE '%.%' AND split_part(address_hash, '.', 1) <> ALL($1)`,
);

/**
 * Mailboxes nothing is mailed to, by hash: the list outlives the erasure of the reader. Addresses are given in any spelling.
 */
export function suppressionStore({ prisma, query, transaction, hashes }: Connection) {
  return {
    add: (address: string, reason: SuppressionReason, detail: string | null): Promise<void> =>
      transaction((inside) => suppress(inside, hashes, address, reason, detail, new Date())),
    remove: async (address: string): Promise<boolean> => {
      const { count } = await prisma.suppression.deleteMany({
        where: { addressHash: { in: hashes.all(address) } },
      });
      return count > 0;
    },
    /** Which of these addresses are suppressed. What is found by an old hash gets the current one. */
    among: async (addresses: readonly string[]): Promise<Set<string>> => {
      const byHash = new Map<string, string[]>();
      for (const address of addresses) {
        for (const hash of hashes.all(address)) byHash.set(hash, [...(byHash.get(hash) ?? []), address]);
      }
      const rows = await prisma.suppression.findMany({
        where: { addressHash: { in: [...byHash.keys()] } },
        select: { addressHash: true },
      });
      const found = new Set<string>();
      for (const { addressHash: hash } of rows) {
        const named = byHash.get(hash) ?? [];
        const [first] = named;
        if (first !== undefined && hashes.current(first) !== hash) {
          await transaction((inside) => renewHash(inside, hash, hashes.current(first)));
        }
        for (const address of named) found.add(address);
      }
      return found;
    },
    /** Why nothing is mailed to an address; null when it is not suppressed. */
    find: (address: string): Promise<Suppression | null> =>
      prisma.suppression.findFirst({
        where: { addressHash: { in: hashes.all(address) } },
        orderBy: { createdAt: "asc" },
      }),
    list: (limit: number): Promise<Suppression[]> =>
      prisma.suppression.findMany({ orderBy: { createdAt: "desc" }, take: limit }),
    /** How many rows were hashed with keys that are not among ours any more, and so match no address. */
    unreadable: async (): Promise<number> => {
      const [row] = await query(UNREADABLE, [hashes.keyIds]);
      return row?.n ?? 0;
    },
  };
}

/** Lets nothing be mailed to an address from here on; the first reason stays. Of `detail` no address is kept. */
export async function suppress(
  query: Query,
  hashes: AddressHashes,
  address: string,
  reason: SuppressionReason,
  detail: string | null,
  now: Date,
): Promise<void> {
  await query(
    `INSERT INTO suppressions (address_hash, reason, detail, created_at) SELECT $1, $2, $3, $4
     WHERE NOT EXISTS (SELECT FROM suppressions WHERE address_hash = ANY($5)) ON CONFLICT DO NOTHING`,
    [hashes.current(address), reason, detail && withoutAddress(detail, address), now, hashes.all(address)],
  );
}

/** Servers quote the address, and some the name before the `@` alone. */
function withoutAddress(text: string, address: string): string {
  const local = address.slice(0, address.lastIndexOf("@")).toLowerCase();
  const told = redact(text);
  return local.length < 3 ? told : replaceIgnoringCase(told, local, "…");
}

function replaceIgnoringCase(text: string, part: string, by: string): string {
  const lower = text.toLowerCase();
  if (lower.length !== text.length) return lower.replaceAll(part, by); // some letters change length with their case
  let result = "";
  let from = 0;
  for (let at = lower.indexOf(part); at >= 0; at = lower.indexOf(part, from)) {
    result += text.slice(from, at) + by;
    from = at + part.length;
  }
  return result + text.slice(from);
}

async function renewHash(query: Query, old: string, current: string): Promise<void> {
  await query(
    `INSERT INTO suppressions (address_hash, reason, detail, created_at)
     SELECT $2, reason, detail, created_at FROM suppressions WHERE address_hash = $1 ON CONFLICT DO NOTHING`,
    [old, current],
  );
  await query("DELETE FROM suppressions WHERE address_hash = $1", [old]);
}
