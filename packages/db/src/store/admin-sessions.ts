import { randomUUID } from "node:crypto";
import type { Connection } from "./connection.ts";

/** A session of the administration. */
export interface AdminSession {
  /** Stays the same while its cookie changes. */
  readonly id: string;
  /** The session is over then, whatever is done in it. */
  readonly endsAt: Date;
}

/** For requests that were under way when the cookie changed. */
const OLD_COOKIE_WORKS_MS = 60_000;

/** Sessions of the administration, each found by a hash of its cookie. */
export function adminSessionStore({ query, prisma }: Connection) {
  return {
    start: async (tokenHash: string, endsAt: Date, now: Date): Promise<void> => {
      await prisma.adminSession.deleteMany({ where: { endsAt: { lte: now } } });
      await prisma.adminSession.create({ data: { id: randomUUID(), tokenHash, rotatedAt: now, endsAt } });
    },

    find: async (tokenHash: string, now: Date): Promise<AdminSession | null> => {
      const replacedAfter = new Date(now.getTime() - OLD_COOKIE_WORKS_MS);
      const hasCookie = [{ tokenHash }, { previousHash: tokenHash, rotatedAt: { gt: replacedAfter } }];
      return prisma.adminSession.findFirst({
        where: { endsAt: { gt: now }, OR: hasCookie },
        select: { id: true, endsAt: true },
      });
    },

    /** Gives a session another cookie. */
    rotate: async (id: string, tokenHash: string, now: Date): Promise<void> => {
      await query(
        "UPDATE admin_sessions SET previous_hash = token_hash, token_hash = $2, rotated_at = $3 WHERE id = $1",
        [id, tokenHash, now],
      );
    },

    /** Ends the session a cookie belongs, or belonged, to. */
    end: async (tokenHash: string): Promise<void> => {
      await prisma.adminSession.deleteMany({ where: { OR: [{ tokenHash }, { previousHash: tokenHash }] } });
    },
  };
}
