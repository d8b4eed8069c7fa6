import type { Copy, Query } from "./connection.ts";
import { copyField } from "./copy-field.ts";
import type { DeliveryId } from "./deliveries/delivery-id.ts";
import type { PlannedEdition } from "./due-subscription.ts";
import { statement } from "./statement.ts";

/** Some tens of kilobytes. */
const LINES_AT_ONCE = 25;

/** An edition with the id that its delivery and its digest share. */
export interface WrittenEdition {
  readonly id: string;
  readonly edition: PlannedEdition;
}

const KNOWN_DIGESTS = statement<{ id: string }>(
  "planned-editions.knownDigests",
  { id: "text!" },
  `SELECT due.id FROM unnest($1::uuid[], $2::text[]) AS due(id, edition)
     JOIN deliveries d ON d.subscription_id = due.id AND d.kind = 'digest' AND d.edition = due.edition`,
);

/**
 * Writes deliveries and what they carry; an edition that is skipped carries nothing. A delivery that exists for the date
 * already stays as it is: one per subscription and local date. The caller holds the subscriptions, so none comes in between.
 *
 * @returns those that were written.
 */
export async function writeEditions(
  query: Query,
  copy: Copy,
  editions: readonly PlannedEdition[],
  now: Date,
  deliveryId: DeliveryId,
): Promise<WrittenEdition[]> {
  const known = await query(KNOWN_DIGESTS, [
    editions.map(({ subscriptionId }) => subscriptionId),
    editions.map(({ date }) => date),
  ]);
  const before = new Set(known.map(({ id }) => id));
  const written = editions
    .filter(({ subscriptionId }) => !before.has(subscriptionId))
    .map((edition) => ({ id: deliveryId(edition.subscriptionId, "digest", edition.date), edition }));
  const at = now.toISOString();
  await copy(
    "COPY deliveries (id, subscription_id, kind, edition, status, response, planned_at) FROM STDIN",
    inPieces(written, (each) => deliveryLine(each, at)),
  );
  await copy(
    "COPY digests (id, subscription_id, edition, to_seq, planned_at, paper_ids, notes, sections) FROM STDIN",
    inPieces(
      written.filter(({ edition }) => edition.status === "pending"),
      (each) => digestLine(each, at),
    ),
  );
  return written;
}

function deliveryLine({ id, edition }: WrittenEdition, at: string): string {
  const { subscriptionId, date, status, reason } = edition;
  return `${id}\t${subscriptionId}\tdigest\t${date}\t${status}\t${copyField(reason)}\t${at}\n`;
}

function digestLine({ id, edition }: WrittenEdition, at: string): string {
  const { subscriptionId, date, toSeq, paperIds, notes = [], sections } = edition;
  const content = [paperIds, notes, JSON.stringify(sections)].map(copyField).join("\t");
  return `${id}\t${subscriptionId}\t${date}\t${toSeq}\t${at}\t${content}\n`;
}

/** Each piece is a message of its own, made when it is sent: one for all would be megabytes. */
function* inPieces(
  written: readonly WrittenEdition[],
  line: (edition: WrittenEdition) => string,
): Generator<string> {
  for (let at = 0; at < written.length; at += LINES_AT_ONCE) {
    yield written
      .slice(at, at + LINES_AT_ONCE)
      .map(line)
      .join("");
  }
}

/** Only an edition that was really planned moves the watermark: nothing is skipped when it was not. */
export async function moveOn(
  query: Query,
  editions: readonly PlannedEdition[],
  planned: ReadonlySet<string>,
): Promise<void> {
  const ifPlanned = (edition: PlannedEdition, value: number) =>
    planned.has(edition.subscriptionId) ? value : 0;
  await query(
    `UPDATE subscriptions s SET watermark = greatest(s.watermark, r.watermark),
       revision_watermark = greatest(s.revision_watermark, r.revisions), last_date = greatest(s.last_date, r.date),
       next_due_at = r.next_due_at, next_date = r.next_date
     FROM unnest($1::uuid[], $2::date[], $3::int[], $4::int[], $5::timestamptz[], $6::date[])
       AS r(id, date, watermark, revisions, next_due_at, next_date)
     WHERE s.id = r.id`,
    [
      editions.map(({ subscriptionId }) => subscriptionId),
      editions.map(({ date }) => date),
      editions.map((edition) => ifPlanned(edition, edition.watermark)),
      editions.map((edition) => ifPlanned(edition, edition.revisionWatermark ?? 0)),
      editions.map(({ nextDueAt }) => nextDueAt.toISOString()),
      editions.map(({ nextDate }) => nextDate),
    ],
  );
}
