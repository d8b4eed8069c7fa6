import { announcementDay, feedDay, type PaperDraft, parseArxivId } from "@paperboy/core";
import type { ClaimedSource, KnownDay, ShownBatch, Store } from "@paperboy/db";
import { type ArxivScope, categoriesIn, isNews, type SourceSettings, scopeOf } from "@paperboy/sources";

/** What noting the days of a source asks of the store. */
export interface SourceDayStore {
  readonly sources: Pick<Store["sources"], "knownDays" | "noteShown" | "noteFault">;
}

const DAY_MS = 86_400_000;
/** Days back that are looked at to know what was shown before. */
const LOOK_BACK_MS = 31 * DAY_MS;

export const dateOf = (instant: Date): string => instant.toISOString().slice(0, 10);

/** The first day of those that a month's comparing looks at. */
export const lookBackFrom = (now: Date): string => dateOf(new Date(now.getTime() - LOOK_BACK_MS));

/** Notes by category what one answer of arXiv's feeds showed: what it shows for the first time, and what came again. */
export async function noteReading(
  store: SourceDayStore,
  source: Pick<ClaimedSource, "id">,
  settings: SourceSettings,
  drafts: readonly PaperDraft[],
  feedDate: Date | null,
  now: Date,
): Promise<void> {
  const scope = settings.kind === "arxiv-rss" ? scopeOf(settings) : null;
  if (scope === null) return;
  const day = feedDay(feedDate, now);
  const known = await store.sources.knownDays(source.id, lookBackFrom(now));
  const batches = shownBatches(scope, drafts, known, day);
  await store.sources.noteShown(source.id, day, batches);
  const again = batches.filter(({ shown, repeated }) => shown.length === 0 && repeated > 0);
  if (again.length > 0)
    await store.sources.noteFault(
      source.id,
      day,
      again.map(({ category }) => category),
      CAME_AGAIN,
    );
}

const CAME_AGAIN = "its feed showed the papers of an earlier day again";

/**
 * What a batch shows of each category. That a category came again is told by papers that are in none of the source's other
 * categories, as far as there are any: a cross-list comes with the category that is new.
 */
export function shownBatches(
  scope: ArxivScope,
  drafts: readonly PaperDraft[],
  known: readonly KnownDay[],
  day: string,
): ShownBatch[] {
  const papers = drafts.filter(isNews).flatMap((draft) => {
    const id = parseArxivId(draft.arxivId ?? draft.externalId)?.id;
    return id === undefined ? [] : [{ id, categories: categoriesIn(scope, draft.categories) }];
  });
  return scope.categories.map((category) => {
    const earlier = new Set(
      known
        .filter((each) => each.category === category && each.day < day)
        .flatMap(({ shown, announced }) => [...shown, ...announced]),
    );
    const mine = papers.filter(({ categories }) => categories.includes(category));
    const own = mine.filter(({ categories }) => categories.length === 1);
    const telling = own.length > 0 ? own : mine;
    const isOld = ({ id }: { id: string }) => earlier.has(id);
    const repeated = telling.filter(isOld).length;
    const isStale = repeated > 0 && repeated === telling.length;
    const shown = isStale ? [] : mine.filter((paper) => !isOld(paper)).map(({ id }) => id);
    return { category, shown: [...new Set(shown)], repeated };
  });
}

/** Notes on today's announcement day that a source could not be read. */
export async function noteFault(
  store: SourceDayStore,
  source: Pick<ClaimedSource, "id" | "everyMinutes">,
  settings: SourceSettings,
  fault: string,
  now: Date,
): Promise<void> {
  const scope = source.everyMinutes === null ? null : scopeOf(settings);
  if (scope === null) return;
  await store.sources.noteFault(source.id, announcementDay(now), scope.categories, fault);
}
