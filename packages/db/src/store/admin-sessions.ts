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
const OLD_COOKIE_WORKS = "60 seconds";

/** Sessions of the administration, each found by a hash of its cookie. */
export function adminSessionStore({ query }: Connection) {
  return {
    start: async (tokenHash: string, endsAt: Date, now: Date): Promise<void> => {
      await query("DELETE FROM admin_sessions WHERE ends_at <= $1", [now]);
      await query(
        "INSERT INTO admin_sessions (id, token_hash, rotated_at, ends_at) VALUES ($1, $2, $3, $4)",
        [randomUUID(), tokenHash, now, endsAt],
      );
    },

    find: async (tokenHash: string, now: Date): Promise<AdminSession | null> => {
      const [row] = await query<AdminSession>(
        `SELECT id, ends_at AS "endsAt" FROM admin_sessions WHERE ends_at > $2
           AND (token_hash = $1 OR (previous_hash = $1 AND rotated_at > $2::timestamptz - interval '${OLD_COOKIE_WORKS}'))`,
        [tokenHash, now],
      );
      return row ?? null;
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
      await query("DELETE FROM admin_sessions WHERE token_hash = $1 OR previous_hash = $1", [tokenHash]);
    },
  };
}
