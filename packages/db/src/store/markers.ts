import type { Connection } from "./connection.ts";
import { statement } from "./statement.ts";

const MOVE = statement<{ before: Date | null }>(
  "markers.move",
  { before: "instant?" },
  `WITH before AS (SELECT at FROM markers WHERE name = $1 FOR UPDATE),
           moved AS (INSERT INTO markers (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at)
         SELECT (SELECT at FROM before) AS before`,
);

/** Instants that all processes share. */
export function markerStore({ query }: Connection) {
  return {
    /**
     * Moves an instant forward, or back when it was moved back.
     *
     * @returns what it was before; null the first time.
     */
    move: async (name: string, at: Date): Promise<Date | null> => {
      const [row] = await query(MOVE, [name, at]);
      return row?.before ?? null;
    },
  };
}
