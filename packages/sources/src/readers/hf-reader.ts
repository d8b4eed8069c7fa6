import { DAY_MS } from "@paperboy/core";
import { parseHfPage } from "../formats/off-thread.ts";
import { FormatError } from "../formats/outcome.ts";
import {
  dayOf,
  daysBefore,
  fetchWithRetries,
  JSON_TYPES,
  type ReaderPorts,
  type ReadSpan,
  type SourceCursor,
  type SourceStep,
  stepOf,
  type Validators,
  validatorsOf,
} from "./reader.ts";
import type { SourceSettings } from "./settings.ts";

const HOST = "https://huggingface.co";
const PAGE = 100;
const MAX_PAGES = 20;
/** Days read again, since their upvotes grow; and how far back a first run looks. */
const AGAIN = 3;
const FIRST = 7;

/**
 * Reads the daily papers of Hugging Face, day by day, each in pages. A day of one page, as nearly all are, is asked for on
 * condition that it has changed.
 */
export async function* readHfSource(
  settings: SourceSettings,
  cursor: SourceCursor,
  ports: ReaderPorts,
  span: ReadSpan = {},
): AsyncGenerator<SourceStep> {
  const days = spansOf(span, cursor, ports.now);
  const pages: Record<string, Validators> = {};
  for (const [, day] of days) if (cursor.pages?.[day]) pages[day] = cursor.pages[day];
  const isSpan = span.date !== undefined || span.week !== undefined;
  let isNew = false;
  for (const asked of days) {
    for await (const step of readDay(settings, asked, pages, ports)) {
      if (step.kind !== "page") return yield step;
      isNew = true;
      yield { ...step, cursor: isSpan ? cursor : { since: asked[1], pages } };
    }
  }
  if (!isNew) yield { kind: "unchanged", ...(!isSpan && { cursor: { since: dayOf(ports.now), pages } }) };
}

/** Reads the pages of a day or week, and notes their validators; nothing when it has not changed. */
async function* readDay(
  settings: SourceSettings,
  [name, value]: readonly [string, string],
  known: Record<string, Validators>,
  ports: ReaderPorts,
): AsyncGenerator<SourceStep> {
  for (let page = 0; page < MAX_PAGES; page++) {
    const url = new URL("/api/daily_papers", settings.url ?? HOST);
    url.search = new URLSearchParams({ [name]: value, limit: String(PAGE), p: String(page) }).toString();
    const validators = page === 0 ? validatorsOf(known[value]) : {};
    const outcome = await fetchWithRetries(ports, { url: url.href, accept: JSON_TYPES, ...validators });
    // Until its first paper is listed, the server does not know of a day.
    const isUnlisted = outcome.kind === "failed" && outcome.status < 500 && value === dayOf(ports.now);
    if (outcome.kind === "unchanged" || isUnlisted) return;
    if (outcome.kind !== "ok") return yield stepOf(outcome);
    const records = await readAnswer(outcome.body, ports.now, value);
    if (records instanceof FormatError) return yield { kind: "failed", reason: records.message };
    // What one page says of itself holds for the day only when it is all of it.
    known[value] = page === 0 && records.length < PAGE ? validatorsOf(outcome) : {};
    yield { kind: "page", records, cursor: {}, date: null };
    if (records.length < PAGE) return;
  }
}

async function readAnswer(body: Buffer, now: Date, at: string) {
  try {
    return await parseHfPage(body, now, at);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

function spansOf({ date, week }: ReadSpan, { since }: SourceCursor, now: Date): [string, string][] {
  if (week !== undefined) return [["week", week]];
  if (date !== undefined) return [["date", date]];
  const oldest = daysBefore(now, 60).getTime();
  const from = since === undefined ? daysBefore(now, FIRST).getTime() : Date.parse(since) - AGAIN * DAY_MS;
  const days: [string, string][] = [];
  for (let day = Math.max(from, oldest); day <= now.getTime(); day += DAY_MS)
    days.push(["date", dayOf(new Date(day))]);
  const [last] = days.slice(-1);
  if (last?.[1] !== dayOf(now)) days.push(["date", dayOf(now)]);
  return days;
}
