import type { Connection } from "./connection.ts";

/** A source as the operator sees it. */
export interface SourceView {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly papers: number;
  readonly lastRunAt: Date | null;
}

export function sourceStore({ query, prisma }: Connection) {
  return {
    count: (): Promise<number> => prisma.source.count(),
    list: (): Promise<SourceView[]> =>
      query<SourceView>(
        `SELECT id, name, kind, last_run_at AS "lastRunAt",
           (SELECT count(DISTINCT paper_id)::int FROM sightings s WHERE s.source_id = sources.id) AS papers
         FROM sources ORDER BY name`,
      ),
  };
}
