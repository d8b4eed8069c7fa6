import { DAY_MS } from "@paperboy/core";
import { ARXIV_HOSTS, ARXIV_POLICY } from "../arxiv/policy.ts";
import { parseFeedPage, parseOaiPage } from "../formats/off-thread.ts";
import { FormatError, type ReadRecord } from "../formats/outcome.ts";
import {
  dayOf,
  daysBefore,
  fetchWithRetries,
  type ReaderPorts,
  type ReadSpan,
  type SourceCursor,
  type SourceStep,
  stepOf,
  validatorsOf,
  XML_TYPES,
} from "./reader.ts";
import type { SourceSettings } from "./settings.ts";

const GAP_MS = ARXIV_POLICY.gapMs;
/** The API takes slices of 2,000 at most, and answers small ones more reliably. */
const SLICE = 200;
const MAX_START = 10_000;
/** The API now and then answers an empty page where there are results. */
const EMPTY_RETRIES = 3;
const FIRST_DAYS = 7;
/** Papers get their date when they are submitted, and appear when they are announced: over a long weekend days later. */
const OVERLAP_DAYS = 4;

/** Reads what a search of the arXiv API brought since the last run, newest first, in slices. */
export async function* readArxivApi(
  settings: SourceSettings,
  cursor: SourceCursor,
  ports: ReaderPorts,
  { days }: ReadSpan = {},
): AsyncGenerator<SourceStep> {
  const since =
    days === undefined ? overlapping(cursor, ports.now) : daysBefore(new Date(dayOf(ports.now)), days);
  let next: SourceCursor = { since: dayOf(ports.now) };
  for (let start = 0, empty = 0; start < MAX_START; ) {
    const url = new URL(settings.url ?? (ports.arxiv ?? ARXIV_HOSTS).api);
    url.search = new URLSearchParams({
      search_query: settings.query ?? "",
      sortBy: "submittedDate",
      sortOrder: "descending",
      start: String(start),
      max_results: String(SLICE),
    }).toString();
    const validators = start === 0 ? validatorsOf(cursor) : {};
    const outcome = await fetchWithRetries(ports, { url: url.href, accept: XML_TYPES, ...validators });
    if (outcome.kind === "failed")
      return yield { kind: "failed", reason: (await errorIn(outcome.body, ports.now)) ?? outcome.reason };
    if (outcome.kind !== "ok") return yield stepOf(outcome);
    const page = await attempt(parseFeedPage(outcome.body, "arxiv-atom", ports.now, outcome.contentType));
    if (page instanceof FormatError) return yield { kind: "failed", reason: page.message };
    if (page.records.length === 0 && start < (page.total ?? 0)) {
      if (++empty > EMPTY_RETRIES)
        return yield { kind: "failed", reason: `the page at ${start} of ${page.total} stays empty` };
      await ports.wait(GAP_MS);
      continue;
    }
    empty = 0;
    // The newest come first: when the first slice has not changed, nothing has.
    if (start === 0) next = { ...next, ...validatorsOf(outcome) };
    const fresh = page.records.filter(
      ({ draft }) => draft?.publishedAt === undefined || draft.publishedAt >= since,
    );
    start += page.records.length;
    const isLast =
      fresh.length < page.records.length || page.records.length === 0 || start >= (page.total ?? start);
    yield {
      kind: "page",
      records: fresh,
      cursor: isLast ? next : cursor,
      date: page.feedDate,
      ...noteOf(page),
    };
    if (isLast) return;
    await ports.wait(GAP_MS);
  }
}

const overlapping = ({ since }: SourceCursor, now: Date): Date =>
  since === undefined ? daysBefore(now, FIRST_DAYS) : daysBefore(new Date(since), OVERLAP_DAYS);

/** A 400 of the API explains itself in a feed. */
async function errorIn(body: Buffer, now: Date): Promise<string | null> {
  const page = await attempt(parseFeedPage(body, "arxiv-atom", now));
  return page instanceof FormatError && page.message.startsWith("arXiv answers") ? page.message : null;
}

/** Reads a feed that is fetched whole: arXiv's announcements of some archives, or anybody's. */
export async function* readFeedSource(
  settings: SourceSettings,
  cursor: SourceCursor,
  ports: ReaderPorts,
): AsyncGenerator<SourceStep> {
  const isArxiv = settings.kind === "arxiv-rss";
  const url = settings.url ?? `${(ports.arxiv ?? ARXIV_HOSTS).rss}${settings.query ?? ""}`;
  const outcome = await fetchWithRetries(ports, {
    url,
    ...validatorsOf(cursor),
    accept: [...XML_TYPES, "application/feed+json", "application/json", "text/plain"],
  });
  if (outcome.kind !== "ok") return yield stepOf(outcome);
  const page = await attempt(
    parseFeedPage(outcome.body, isArxiv ? "arxiv-rss" : "feed", ports.now, outcome.contentType),
  );
  if (page instanceof FormatError) return yield { kind: "failed", reason: page.message };
  yield {
    kind: "page",
    records: page.records,
    cursor: validatorsOf(outcome),
    date: page.feedDate,
    ...noteOf(page),
  };
}

const noteOf = ({ forgiven }: { readonly forgiven?: string }) =>
  forgiven === undefined ? {} : { note: `read forgivingly: ${forgiven}` };

/** Papers first submitted so long before the span that is harvested are not new: their record was changed. */
const CHANGED_AFTER_DAYS = 14;

/** Harvests arXiv's OAI-PMH server from the day of the last run; resumes where an interrupted harvest stopped. */
export async function* readArxivOai(
  settings: SourceSettings,
  cursor: SourceCursor,
  ports: ReaderPorts,
): AsyncGenerator<SourceStep> {
  const from = cursor.since ?? dayOf(daysBefore(ports.now, 2));
  let token = cursor.token ?? null;
  // How long the whole list is, when it is read from its beginning.
  let left = token === null ? null : Number.NaN;
  for (;;) {
    const url = new URL(settings.url ?? (ports.arxiv ?? ARXIV_HOSTS).oai);
    const asked =
      token === null ? firstRequest(from, settings.set) : { verb: "ListRecords", resumptionToken: token };
    url.search = new URLSearchParams(asked).toString();
    const outcome = await fetchWithRetries(ports, { url: url.href, accept: XML_TYPES });
    if (outcome.kind !== "ok") return yield stepOf(outcome);
    const page = await attempt(parseOaiPage(outcome.body, ports.now, outcome.contentType));
    if (page instanceof FormatError) {
      // Tokens run out after a day; what was harvested before is known and comes as unchanged.
      if (token !== null && page.message.includes("badResumptionToken")) {
        token = null;
        left = null;
        await ports.wait(GAP_MS);
        continue;
      }
      return yield { kind: "failed", reason: page.message };
    }
    token = page.resumptionToken;
    left = (left ?? page.completeListSize ?? Number.NaN) - page.records.length;
    // What came is kept; the same span is read again.
    const isCutOff = token === null && left > 0;
    const next = isCutOff
      ? { since: from, token: null }
      : token === null
        ? { since: dayOf(ports.now), token: null }
        : { since: from, token };
    yield {
      kind: "page",
      records: page.records.map((record) => dated(record, from)),
      cursor: next,
      date: null,
      ...noteOf(page),
    };
    if (isCutOff)
      return yield { kind: "failed", reason: `the list was cut off: ${left} records are missing` };
    if (token === null) return;
    await ports.wait(GAP_MS);
  }
}

const firstRequest = (from: string, set: string | undefined): Record<string, string> => ({
  verb: "ListRecords",
  metadataPrefix: "arXiv",
  from,
  ...(set !== undefined && { set }),
});

function dated(record: ReadRecord, from: string): ReadRecord {
  if (record.draft === undefined || record.draft.publishedAt === undefined) return record;
  const isOld = record.draft.publishedAt.getTime() < Date.parse(from) - CHANGED_AFTER_DAYS * DAY_MS;
  return isOld ? { ...record, draft: { ...record.draft, announceType: "replace" } } : record;
}

async function attempt<Result>(reading: Promise<Result>): Promise<Result | FormatError> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}
