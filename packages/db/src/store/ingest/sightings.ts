import type { Query } from "../connection.ts";
import type { Entry } from "./entry.ts";
import type { Arrival } from "./resolve.ts";

/** Gives the ids of papers that got a new sighting. Seeing again what the source showed just before adds no row. */
export async function recordSightings(
  query: Query,
  sourceId: number,
  arrivals: readonly Arrival[],
  now: Date,
): Promise<Set<number>> {
  const rows = arrivals.flatMap((arrival, place) => [...listing(arrival), { place, ...toRow(arrival, now) }]);
  const sighted = await query<{ paper_id: number }>(
    `WITH given AS (
       SELECT DISTINCT ON (paper_id, observed_at) *
       FROM jsonb_to_recordset($1) AS r(place int, paper_id int, external_id text, version int, upvotes int, stars int,
         comments int, observed_at timestamptz)
       ORDER BY paper_id, observed_at, place DESC
     ), incoming AS (
       SELECT *, ROW(version, upvotes, stars, comments) AS shows FROM given
     ), sequence AS (
       SELECT *, lag(observed_at) OVER earlier AS given_at, lag(shows) OVER earlier AS given_shows FROM incoming
       WINDOW earlier AS (PARTITION BY paper_id ORDER BY observed_at)
     )
     INSERT INTO sightings (paper_id, source_id, external_id, version, upvotes, stars, comments, observed_at)
     SELECT i.paper_id, $2, i.external_id, i.version, i.upvotes, i.stars, i.comments, i.observed_at FROM sequence i
     LEFT JOIN LATERAL (
       SELECT s.observed_at AS at, ROW(s.version, s.upvotes, s.stars, s.comments) AS shows FROM sightings s
       WHERE s.paper_id = i.paper_id AND s.source_id = $2 AND s.observed_at <= i.observed_at
       ORDER BY s.observed_at DESC LIMIT 1
     ) known ON true
     WHERE CASE WHEN i.given_at IS NULL OR known.at > i.given_at THEN known.shows ELSE i.given_shows END
       IS DISTINCT FROM i.shows
     ON CONFLICT (paper_id, source_id, observed_at) DO UPDATE SET external_id = EXCLUDED.external_id,
       version = EXCLUDED.version, upvotes = EXCLUDED.upvotes, stars = EXCLUDED.stars, comments = EXCLUDED.comments
     RETURNING paper_id`,
    [JSON.stringify(rows), sourceId],
  );
  return new Set(sighted.map((row) => row.paper_id));
}

function toRow({ draft, entry }: Arrival, now: Date) {
  return {
    paper_id: entry.id,
    external_id: draft.externalId,
    version: draft.version ?? null,
    upvotes: draft.upvotes ?? null,
    stars: draft.stars ?? null,
    comments: draft.comments ?? null,
    observed_at: (draft.observedAt ?? now).toISOString(),
  };
}

/** A source that tells when it listed a paper tells with it when nobody had voted yet: gains are counted from there. */
function listing({ draft, entry }: Arrival) {
  if (draft.listedAt === undefined) return [];
  const none = (count: number | undefined) => (count === undefined ? undefined : 0);
  const { upvotes, stars, comments, ...rest } = draft;
  const unread = { upvotes: none(upvotes), stars: none(stars), comments: none(comments) };
  const signs = Object.fromEntries(Object.entries(unread).filter(([, count]) => count !== undefined));
  const opening = { ...rest, ...signs, observedAt: draft.listedAt };
  return [{ place: -1, ...toRow({ draft: opening, entry }, draft.listedAt) }];
}

/** Notes new versions of papers that were known, for readers who asked for replacements. */
export async function recordRevisions(
  query: Query,
  sourceId: number,
  entries: readonly Entry[],
  now: Date,
): Promise<void> {
  // A replacement of a paper that was not known is a new version, too.
  const isRevised = ({ before, record }: Entry) =>
    before === undefined
      ? !record.mailable && !record.withdrawn && (record.version ?? 0) > 1
      : (record.version ?? 0) > (before.version ?? Number.POSITIVE_INFINITY);
  const revised = entries.filter(isRevised);
  if (revised.length === 0) return;
  await query(
    `INSERT INTO revisions (paper_id, source_id, version, observed_at)
     SELECT paper_id, $1, version, $2 FROM unnest($3::int[], $4::int[]) AS r(paper_id, version)
     ON CONFLICT (paper_id, version) DO NOTHING`,
    [sourceId, now, revised.map(({ id }) => id), revised.map(({ record }) => record.version)],
  );
}
