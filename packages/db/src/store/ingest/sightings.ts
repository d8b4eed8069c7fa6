import type { Copy, Query } from "../connection.ts";
import { copyField } from "../copy-field.ts";
import { statement } from "../statement.ts";
import type { Entry } from "./entry.ts";
import type { Arrival } from "./resolve.ts";

/**
 * Gives the ids of papers that got a new sighting. Seeing again what the source showed just before adds no row; two of one
 * instant, as files of days give, are one that shows what either does.
 */
export async function recordSightings(
  query: Query,
  copy: Copy,
  sourceId: number,
  arrivals: readonly Arrival[],
  now: Date,
): Promise<Set<number>> {
  const isNew = ({ entry }: Arrival) => entry.before === undefined;
  const first = sightingsOf(arrivals.filter(isNew), now);
  const later = sightingsOf(
    arrivals.filter((arrival) => !isNew(arrival)),
    now,
  );
  await copyFirst(copy, sourceId, first);
  const sighted = later.length === 0 ? [] : await insertLater(query, sourceId, later);
  return new Set([...first.flatMap(({ paper_id: id }) => id ?? []), ...sighted]);
}

/** Papers that were not there have no sightings to compare with, except among these. */
async function copyFirst(copy: Copy, sourceId: number, sightings: readonly Sighting[]): Promise<void> {
  const last = new Map<number | undefined, string>();
  const inOrder = sightings.toSorted((a, b) => a.observed_at.localeCompare(b.observed_at));
  const lines = inOrder.flatMap((sighting) => {
    const { paper_id, external_id, version, upvotes, stars, comments, observed_at } = sighting;
    const shows = [version, upvotes, stars, comments].map(copyField).join("\t");
    if (last.get(paper_id) === shows) return [];
    last.set(paper_id, shows);
    return [`${paper_id}\t${sourceId}\t${copyField(external_id)}\t${shows}\t${observed_at}\n`];
  });
  if (lines.length === 0) return;
  await copy(
    "COPY sightings (paper_id, source_id, external_id, version, upvotes, stars, comments, observed_at) FROM STDIN",
    [lines.join("")],
  );
}

const RECORD_SIGHTINGS = statement<{ paper_id: number }>(
  "sightings.recordSightings",
  { paper_id: "int" },
  `WITH incoming AS (
       SELECT *, ROW(version, upvotes, stars, comments) AS shows
       FROM jsonb_to_recordset($1) AS r(paper_id int, external_id text, version int, upvotes int, stars int, comments int,
         observed_at timestamptz)
     ), sequence AS (
       SELECT *, lag(observed_at) OVER earlier AS given_at, lag(shows) OVER earlier AS given_shows FROM incoming
       WINDOW earlier AS (PARTITION BY paper_id ORDER BY observed_at)
     )
     INSERT INTO sightings (paper_id, source_id, external_id, version, upvotes, stars, comments, observed_at)
     SELECT i.paper_id, $2, i.external_id, m.version, m.upvotes, m.stars, m.comments, i.observed_at FROM sequence i
     LEFT JOIN LATERAL (
       SELECT s.*, ROW(s.version, s.upvotes, s.stars, s.comments) AS shows FROM sightings s
       WHERE s.paper_id = i.paper_id AND s.source_id = $2 AND s.observed_at <= i.observed_at
       ORDER BY s.observed_at DESC LIMIT 1
     ) known ON true
     LEFT JOIN LATERAL (SELECT known.* WHERE known.observed_at = i.observed_at) same ON true
     CROSS JOIN LATERAL (
       SELECT coalesce(i.version, same.version) AS version,
         coalesce(nullif(i.upvotes, 0), same.upvotes, i.upvotes) AS upvotes,
         coalesce(nullif(i.stars, 0), same.stars, i.stars) AS stars,
         coalesce(nullif(i.comments, 0), same.comments, i.comments) AS comments
     ) m
     WHERE CASE WHEN i.given_at IS NULL OR known.observed_at > i.given_at THEN known.shows ELSE i.given_shows END
       IS DISTINCT FROM ROW(m.version, m.upvotes, m.stars, m.comments)
     ON CONFLICT (paper_id, source_id, observed_at) DO UPDATE SET external_id = EXCLUDED.external_id,
       version = EXCLUDED.version, upvotes = EXCLUDED.upvotes, stars = EXCLUDED.stars, comments = EXCLUDED.comments
     RETURNING paper_id`,
);

async function insertLater(
  query: Query,
  sourceId: number,
  sightings: readonly Sighting[],
): Promise<number[]> {
  const sighted = await query(RECORD_SIGHTINGS, [JSON.stringify(sightings), sourceId]);
  return sighted.map((row) => row.paper_id);
}

type Count = number | null;

interface Sighting {
  readonly paper_id: number | undefined;
  readonly external_id: string;
  readonly version: Count;
  readonly upvotes: Count;
  readonly stars: Count;
  readonly comments: Count;
  readonly observed_at: string;
}

/** One for each paper and instant. */
function sightingsOf(arrivals: readonly Arrival[], now: Date): Sighting[] {
  const all = new Map<string, Sighting>();
  for (const sighting of arrivals.flatMap((arrival) => [
    ...listing(arrival, now),
    toSighting(arrival, now),
  ])) {
    const key = `${sighting.paper_id} ${sighting.observed_at}`;
    all.set(key, together(all.get(key), sighting));
  }
  return [...all.values()];
}

function together(before: Sighting | undefined, after: Sighting): Sighting {
  if (before === undefined) return after;
  // 0 can mean "not read".
  const newest = (name: "upvotes" | "stars" | "comments") => after[name] || (before[name] ?? after[name]);
  const version = after.version ?? before.version;
  return {
    ...after,
    ...{ version, upvotes: newest("upvotes"), stars: newest("stars"), comments: newest("comments") },
  };
}

const toSighting = ({ draft, entry }: Arrival, now: Date): Sighting => ({
  paper_id: entry.id,
  external_id: draft.externalId,
  version: draft.version ?? null,
  upvotes: draft.upvotes ?? null,
  stars: draft.stars ?? null,
  comments: draft.comments ?? null,
  observed_at: (draft.observedAt ?? now).toISOString(),
});

/** A source that tells when it listed a paper tells with it when nobody had voted yet: gains are counted from there. */
function listing(arrival: Arrival, now: Date): Sighting[] {
  const { listedAt } = arrival.draft;
  if (listedAt === undefined) return [];
  const { upvotes, stars, comments, ...rest } = toSighting(arrival, now);
  const none = (count: Count) => (count === null ? null : 0);
  return [
    {
      ...rest,
      ...{ upvotes: none(upvotes), stars: none(stars), comments: none(comments) },
      observed_at: listedAt.toISOString(),
    },
  ];
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
