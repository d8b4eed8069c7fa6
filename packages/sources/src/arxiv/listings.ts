import { announcedAt, feedDay, type PaperDraft, parseArxivId, submittedFrom } from "@paperboy/core";
import { parseFeedPage } from "../formats/off-thread.ts";
import type { ReadRecord } from "../formats/outcome.ts";
import type { ReaderPorts } from "../readers/reader.ts";
import { ask, Unanswered } from "./ask.ts";
import { readIdentifierPage } from "./identifiers.ts";
import type { Places } from "./places.ts";
import { type ArxivScope, categoriesIn, searchOf, setOf } from "./scope.ts";

/** Announcement days, both ends included. */
export interface DaySpan {
  readonly from: string;
  readonly to: string;
}

export type Place = "RSS" | "OAI-PMH" | "API";

/** A paper that a service of arXiv says was announced, or was changed, within a span. */
export interface Listed {
  readonly id: string;
  readonly place: Place;
  readonly categories: readonly string[];
  /** The day by the service's own date; null where it tells only when the paper was submitted. */
  readonly day: string | null;
  /** The paper itself, where the service gives it along. */
  readonly record: ReadRecord | null;
}

/** What one service listed, and why it is not all. */
export interface Listing {
  readonly place: Place;
  readonly papers: readonly Listed[];
  /** Null when the list is complete. */
  readonly fault: string | null;
  /** When the service wants to be asked again, if it asked for a pause. */
  readonly retryAt: Date | null;
  readonly isBusy: boolean;
}

/** Slices that the API answers reliably. */
const SLICE = 200;
const MAX_START = 30_000;
export const MAX_PAGES = 200;

/** Lists what arXiv's services say of a span, one after the other; after one that asks for a pause no other is asked. */
export async function* listAnnounced(
  scope: ArxivScope,
  places: Places,
  span: DaySpan,
  ports: ReaderPorts,
): AsyncGenerator<Listing> {
  const works: [Place, (papers: Listed[]) => Promise<void>][] = [];
  const isWhole = scope.categories.some((category) => setOf(category) === undefined);
  if (scope.search === null && places.rss.length > 0 && !isWhole)
    works.push(["RSS", (papers) => listFeeds(scope, places.rss, span, ports, papers)]);
  const { oai, api } = places;
  if (scope.search === null && oai !== null)
    works.push(["OAI-PMH", (papers) => listIdentifiers(scope, oai, span, ports, papers)]);
  if (api !== null && !isWhole)
    works.push(["API", (papers) => listSubmitted(scope, api, span, ports, papers)]);
  for (const [place, work] of works) {
    const papers: Listed[] = [];
    try {
      await work(papers);
      yield { place, papers, fault: null, retryAt: null, isBusy: false };
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      const { isBusy, retryAt } = error;
      yield { place, papers, fault: `${place}: ${error.message}`, retryAt, isBusy };
      if (isBusy || ports.signal?.aborted) return;
    }
  }
}

/** Feeds stand for one day each; those of an older day say nothing of this span. */
async function listFeeds(
  scope: ArxivScope,
  urls: readonly string[],
  span: DaySpan,
  ports: ReaderPorts,
  papers: Listed[],
): Promise<void> {
  for (const url of urls) {
    const page = await ask(ports, url, (body, type) => parseFeedPage(body, "arxiv-rss", ports.now, type));
    const day = feedDay(page.feedDate, ports.now);
    if (day < span.from || day > span.to) continue;
    for (const record of page.records) {
      const { draft } = record;
      const id = draft && idOf(draft);
      if (id === undefined || !isNews(draft)) continue;
      papers.push({ id, place: "RSS", categories: categoriesIn(scope, draft?.categories), day, record });
    }
  }
}

export const idOf = (draft: PaperDraft) => parseArxivId(draft.arxivId ?? draft.externalId)?.id;

/** Whether an announcement is of a new paper or one that is new to its archive. */
export const isNews = (draft: PaperDraft | undefined): boolean =>
  draft !== undefined && draft.announceType !== "replace" && draft.announceType !== "replace-cross";

/** A list that is shorter than the server said it would be was cut off. */
async function listIdentifiers(
  scope: ArxivScope,
  base: string,
  span: DaySpan,
  ports: ReaderPorts,
  papers: Listed[],
): Promise<void> {
  for (const category of scope.categories) {
    let token: string | null = null;
    let size: number | null = null;
    let count = 0;
    for (let page = 0; page < MAX_PAGES; page++) {
      const url = new URL(base);
      url.search = new URLSearchParams(
        token === null
          ? firstPage("ListIdentifiers", category, span, ports.now)
          : { verb: "ListIdentifiers", resumptionToken: token },
      ).toString();
      const answer = await ask(ports, url.href, readIdentifierPage);
      count += answer.headers.length;
      size ??= answer.completeListSize;
      for (const { id, datestamp } of answer.headers)
        papers.push({ id, place: "OAI-PMH", categories: [category], day: datestamp, record: null });
      token = answer.resumptionToken;
      if (token === null) break;
    }
    if (size !== null && count < size) throw new Unanswered(`the list was cut off: ${count} of ${size} ids`);
  }
}

/** Datestamps are UTC days, and an announcement may get the one of the day after; none is of a day that has not come. */
export function firstPage(
  verb: string,
  category: string,
  { from, to }: DaySpan,
  now: Date,
): Record<string, string> {
  const set = setOf(category);
  const last = Math.min(Date.parse(to) + 2 * 86_400_000, now.getTime());
  const until = new Date(last).toISOString().slice(0, 10);
  const asked = { verb, metadataPrefix: "arXiv", from, until };
  return set === undefined ? asked : { ...asked, set };
}

async function listSubmitted(
  scope: ArxivScope,
  base: string,
  { from, to }: DaySpan,
  ports: ReaderPorts,
  papers: Listed[],
): Promise<void> {
  const minute = (at: Date) => at.toISOString().replace(/[-:T]/g, "").slice(0, 12);
  const since = minute(submittedFrom(from));
  const until = minute(announcedAt(to));
  const search = `(${searchOf(scope)}) AND submittedDate:[${since} TO ${until}]`;
  await readSlices(
    base,
    { search_query: search, sortBy: "submittedDate", sortOrder: "descending" },
    ports,
    (record) => {
      const id = record.draft && idOf(record.draft);
      if (id === undefined) return;
      const categories = categoriesIn(scope, record.draft?.categories);
      papers.push({ id, place: "API", categories, day: null, record });
    },
  );
}

export async function readSlices(
  base: string,
  query: Readonly<Record<string, string>>,
  ports: ReaderPorts,
  take: (record: ReadRecord) => void,
): Promise<void> {
  for (let start = 0; start < MAX_START; ) {
    const url = new URL(base);
    url.search = new URLSearchParams({
      ...query,
      start: String(start),
      max_results: String(SLICE),
    }).toString();
    const page = await ask(ports, url.href, (body, type) =>
      parseFeedPage(body, "arxiv-atom", ports.now, type),
    );
    for (const record of page.records) take(record);
    start += page.records.length;
    const total = page.total ?? start;
    if (start >= total) return;
    if (page.records.length === 0) throw new Unanswered(`the list was cut off: ${start} of ${total} papers`);
  }
}
