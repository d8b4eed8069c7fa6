import { createHash } from "node:crypto";
import type { Connection, Query } from "./connection.ts";

/** Why nothing may be mailed to an address any more. */
export type SuppressionReason = "bounce" | "complaint" | "operator";

export interface Suppression {
  readonly addressHash: string;
  readonly reason: string;
  readonly detail: string | null;
  readonly createdAt: Date;
}

/** Addresses nothing is mailed to, by hash: the list outlives the erasure of the reader. */
export function suppressionStore({ prisma, query }: Connection) {
  return {
    add: (addressKey: string, reason: SuppressionReason, detail: string | null): Promise<void> =>
      suppress(query, addressKey, reason, detail, new Date()),
    remove: async (addressKey: string): Promise<boolean> => {
      const { count } = await prisma.suppression.deleteMany({
        where: { addressHash: hashAddress(addressKey) },
      });
      return count > 0;
    },
    /** Which of these addresses are suppressed, by key. */
    among: async (addressKeys: readonly string[]): Promise<Set<string>> => {
      const byHash = new Map(addressKeys.map((key) => [hashAddress(key), key]));
      const rows = await query<{ address_hash: string }>(
        "SELECT address_hash FROM suppressions WHERE address_hash = ANY($1)",
        [[...byHash.keys()]],
      );
      return new Set(rows.map((row) => byHash.get(row.address_hash) as string));
    },
    list: (limit: number): Promise<Suppression[]> =>
      prisma.suppression.findMany({ orderBy: { createdAt: "desc" }, take: limit }),
  };
}

/** Lets nothing be mailed to an address from here on; the first reason stays. */
export async function suppress(
  query: Query,
  addressKey: string,
  reason: SuppressionReason,
  detail: string | null,
  now: Date,
): Promise<void> {
  await query(
    "INSERT INTO suppressions (address_hash, reason, detail, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    [hashAddress(addressKey), reason, detail, now],
  );
}

/** Addresses are kept by this only. */
const hashAddress = (key: string) => createHash("sha256").update(`paperboy:suppression:${key}`).digest("hex");
