import { announcedAt, announcementDay, announcementDayUpTo, firstAnnouncementDay } from "@paperboy/core";
import type { ReadRecord } from "../formats/outcome.ts";
import type { DaySpan, Listed, Listing } from "./listings.ts";

/** How we hold a paper of arXiv. */
export interface Held {
  readonly arxivId: string;
  /** Whether readers can get it as new, or got it. */
  readonly isNews: boolean;
  readonly withdrawn: boolean;
  readonly publishedAt: Date | null;
}

/** What a comparison has to know. */
export interface Comparing {
  readonly span: DaySpan;
  /** The first day that is compared at all: papers that were announced before are no gap. */
  readonly watchedFrom: string;
  /** The day an id is known to be of. */
  readonly dayOf: ReadonlyMap<string, string>;
  readonly held: ReadonlyMap<string, Held>;
  readonly now: Date;
}

/** A paper that was announced within the span, as far as the services tell. */
export interface Announced {
  readonly id: string;
  readonly day: string;
  readonly categories: readonly string[];
  /** How we have it: nothing is to be done, it is to be ingested, or to be fetched first. */
  readonly state: "held" | "gap" | "unknown";
  readonly record: ReadRecord | null;
}

/** Papers submitted so long before the day on which their record changed are not new: they were replaced or amended. */
const CHANGED_AFTER_MS = 14 * 86_400_000;
/** Dates without a time of day are the beginning of a day that may have been its end. */
const A_DAY_MS = 86_400_000 - 1;

/**
 * Compares what the services of arXiv list with what we hold. What they list and what has only been changed is left out;
 * what a list of ids alone cannot tell is `unknown` until it is fetched.
 */
export function compare(listings: readonly Listing[], facts: Comparing): Announced[] {
  const byId = new Map<string, Listed[]>();
  for (const listed of listings.flatMap(({ papers }) => papers)) {
    const known = byId.get(listed.id);
    if (known === undefined) byId.set(listed.id, [listed]);
    else known.push(listed);
  }
  return [...byId].flatMap(([id, listed]) => {
    const announced = judge(id, listed, facts);
    return announced === null ? [] : [announced];
  });
}

function judge(id: string, listed: readonly Listed[], facts: Comparing): Announced | null {
  const held = facts.held.get(id);
  const inFeed = listed.find(({ place }) => place === "RSS");
  const inSearch = listed.find(({ place }) => place === "API");
  const day = dayOfListed(id, listed, facts);
  const categories = [...new Set(listed.flatMap((each) => each.categories))];
  const as = (state: Announced["state"], record: ReadRecord | null): Announced => ({
    ...{ id, day, categories, state, record },
  });
  if (held?.withdrawn) return null;
  if (held?.isNews) {
    const isOld = !facts.dayOf.has(id) && inFeed === undefined && isChangedOnly(held.publishedAt, day);
    return isOld ? null : as("held", null);
  }
  if (inFeed) return as("gap", inFeed.record);
  const draft = inSearch?.record?.draft;
  if (draft?.withdrawn) return null;
  if (draft)
    return isNew(draft.publishedAt, day, facts) ? as("gap", asNew(inSearch?.record as ReadRecord)) : null;
  if (held?.publishedAt && !isNew(held.publishedAt, day, facts, A_DAY_MS)) return null;
  return isRecentId(id, facts.span.from) ? as("unknown", null) : null;
}

/** A paper that had to be fetched to be judged: as it is to be ingested, new or known from now on to be old. */
export function judgeFetched(
  { id, day, categories }: Announced,
  record: ReadRecord,
  facts: Comparing,
): { readonly announced: Announced | null; readonly record: ReadRecord } {
  const { draft } = record;
  if (draft === undefined || draft.withdrawn || !isNew(draft.publishedAt, day, facts, A_DAY_MS)) {
    const old =
      draft && !draft.withdrawn
        ? { ...record, draft: { ...draft, announceType: "replace" as const } }
        : record;
    return { announced: null, record: old as ReadRecord };
  }
  const fresh = asNew(record);
  return { announced: { id, day, categories, state: "gap", record: fresh }, record: fresh };
}

const asNew = (record: ReadRecord): ReadRecord =>
  record.draft === undefined ? record : { ...record, draft: { ...record.draft, announceType: "new" } };

/** New is what can have been announced since we watch, and was not submitted long before. */
function isNew(publishedAt: Date | undefined, day: string, { watchedFrom }: Comparing, slackMs = 0): boolean {
  if (publishedAt === undefined) return true;
  const latest = new Date(publishedAt.getTime() + slackMs);
  return firstAnnouncementDay(latest) >= watchedFrom && !isChangedOnly(latest, day);
}

const isChangedOnly = (publishedAt: Date | null, day: string): boolean =>
  publishedAt !== null && publishedAt.getTime() < announcedAt(day).getTime() - CHANGED_AFTER_MS;

/** As it is known, as a feed dates it, as its submission tells, or by the day its record changed; never after today. */
function dayOfListed(id: string, listed: readonly Listed[], { dayOf, now }: Comparing): string {
  const known = dayOf.get(id);
  if (known !== undefined) return known;
  const today = announcementDay(now);
  const earliest = (day: string) => [day, today].toSorted()[0] as string;
  const inFeed = listed.find(({ place, day }) => place === "RSS" && day !== null);
  if (inFeed?.day) return earliest(inFeed.day);
  const submitted = listed.find(({ place }) => place === "API")?.record?.draft?.publishedAt;
  if (submitted) return earliest(firstAnnouncementDay(submitted));
  return earliest(announcementDayUpTo(listed.find(({ day }) => day !== null)?.day ?? today));
}

/** Ids since 2007 begin with the year and month in which they were given; older ones are not new. */
function isRecentId(id: string, from: string): boolean {
  const month = new Date(announcedAt(from).getTime() - CHANGED_AFTER_MS).toISOString();
  return /^\d{4}\./.test(id) && id.slice(0, 4) >= `${month.slice(2, 4)}${month.slice(5, 7)}`;
}
