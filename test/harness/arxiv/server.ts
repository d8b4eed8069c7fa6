import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { announcedAt, HOUR_MS } from "@paperboy/core";
import {
  apiAnswer,
  feedDate,
  feedTime,
  oaiAnswer,
  rssAnswer,
  type SimEntry,
  type SimRecord,
  simSet,
} from "./answers.ts";
import { type SimFault, shuffled } from "./faults.ts";
import type { SimPaper } from "./papers.ts";

/** How the simulated arXiv was asked. */
export interface RequestStats {
  readonly requests: number;
  /** The shortest time, by the simulated clock, from the end of one request to the next; infinite before the second. */
  readonly shortestGapMs: number;
  readonly mostAtOnce: number;
  /** Requests that came although it had said to wait. */
  readonly beforeRetryAfter: number;
}

/** arXiv's three services on loopback, which show what had been announced by the simulated clock, and go wrong as told. */
export interface SimArxiv {
  readonly url: string;
  requestStats(): RequestStats;
  close(): Promise<void>;
}

interface World {
  readonly papers: readonly SimPaper[];
  readonly days: readonly string[];
  readonly faults: readonly SimFault[];
  readonly now: () => Date;
  readonly random: () => number;
}

const OAI_PAGE = 40;
const RETRY_MS = 2 * HOUR_MS;

export async function startArxiv(world: World): Promise<SimArxiv> {
  const requestStats = {
    requests: 0,
    shortestGapMs: Number.POSITIVE_INFINITY,
    mostAtOnce: 0,
    beforeRetryAfter: 0,
  };
  let open = 0;
  let lastEnd: number | null = null;
  const state = { closedUntil: 0, refused: new Map<string, number>() };
  const server = createServer((req, res) => {
    const at = world.now().getTime();
    open++;
    requestStats.requests++;
    requestStats.mostAtOnce = Math.max(requestStats.mostAtOnce, open);
    if (lastEnd !== null) requestStats.shortestGapMs = Math.min(requestStats.shortestGapMs, at - lastEnd);
    if (at < state.closedUntil) requestStats.beforeRetryAfter++;
    res.on("finish", () => {
      open--;
      lastEnd = world.now().getTime();
    });
    answer(world, state, req, res);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requestStats: () => ({ ...requestStats }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

interface State {
  closedUntil: number;
  readonly refused: Map<string, number>;
}

function answer(world: World, state: State, req: IncomingMessage, res: ServerResponse): void {
  const now = world.now();
  const url = new URL(req.url ?? "", "http://arxiv.test");
  const today = latest(world.days, (day) => announcedAt(day) <= now);
  const fault = world.faults.find(({ day }) => day === today);
  if (fault && refuse(fault, state, now, res)) return;
  const body = url.pathname.startsWith("/rss/")
    ? rss(world, url.pathname.slice("/rss/".length).split("+"), now)
    : url.pathname === "/oai"
      ? oai(world, url.searchParams, now, fault)
      : api(world, url.searchParams, now, fault);
  const isCut =
    fault?.kind === "RSS cut off" && url.pathname.startsWith("/rss/") && isWithin(today, now, 3, 9);
  res.setHeader("content-type", "application/xml; charset=utf-8");
  res.end(isCut ? body.slice(0, body.length * 0.6) : body);
}

/** Whether so many hours have passed since an announcement. */
const isWithin = (day: string, now: Date, from: number, to: number): boolean => {
  const hours = (now.getTime() - announcedAt(day).getTime()) / HOUR_MS;
  return hours >= from && hours < to;
};

const latest = (days: readonly string[], is: (day: string) => boolean): string => days.findLast(is) ?? "";

/** 429 once a day with a pause, or 503 for some hours. */
function refuse({ kind, day }: SimFault, state: State, now: Date, res: ServerResponse): boolean {
  if (kind === "503" && isWithin(day, now, 4, 9)) {
    res.writeHead(503).end("busy");
    return true;
  }
  const asksToWait = kind === "429, seconds" || kind === "429, date";
  if (!asksToWait || !isWithin(day, now, 4, 24) || state.refused.has(day)) return false;
  state.refused.set(day, now.getTime());
  state.closedUntil = Math.floor((now.getTime() + RETRY_MS) / 1000) * 1000;
  const until = new Date(state.closedUntil);
  res.setHeader("retry-after", kind === "429, seconds" ? String(RETRY_MS / 1000 - 1) : until.toUTCString());
  state.closedUntil -= 1000;
  res.writeHead(429).end("slow down");
  return true;
}

function rss(world: World, asked: readonly string[], now: Date): string {
  const { days, faults } = world;
  const day = latest(days, (each) => feedTime(each) <= now);
  const fault = faults.find((each) => each.day === day);
  const earlier = (by: number) => days[Math.max(0, days.indexOf(day) - by)] ?? day;
  const entries = asked.flatMap((category) => {
    if (fault?.kind === "missing day") return [];
    if (fault?.kind === "stale category" && fault.category === category)
      return entriesOf(world, category, asked, earlier(1));
    if (fault?.kind === "feed jumps back") return entriesOf(world, category, asked, earlier(5));
    const whole = entriesOf(world, category, asked, day);
    if (fault?.kind === "half a batch" && fault.category === category)
      return whole.filter(({ paper }, place) => paper.categories.length > 1 || place % 2 === 0);
    if (fault?.kind === "v2 before v1" && fault.category === category)
      return whole.filter(({ paper, type }) => type === "replace" || paper.replacedOn.length === 0);
    return whole;
  });
  const once = [...new Map(entries.map((entry) => [`${entry.paper.id}v${entry.version}`, entry])).values()];
  const sorted = once.sort((a, b) => a.paper.id.localeCompare(b.paper.id));
  const isMixed = fault?.kind === "ids out of order";
  return rssAnswer(
    asked.join("+"),
    feedDate(day, fault?.kind === "other time zone"),
    isMixed ? shuffled(sorted, world.random) : sorted,
  );
}

function entriesOf({ papers }: World, category: string, asked: readonly string[], day: string): SimEntry[] {
  return papers.flatMap((paper): SimEntry[] => {
    if (!paper.categories.includes(category)) return [];
    if (paper.replacedOn.includes(day)) return [{ paper, version: 2, type: "replace" }];
    if (paper.day !== day) return [];
    return [{ paper, version: 1, type: asked.includes(paper.categories[0] as string) ? "new" : "cross" }];
  });
}

/** What the two slower services show: all that is announced, or nothing of a day on which they are late. */
function visible({ papers }: World, now: Date, fault: SimFault | undefined): SimPaper[] {
  const hidden = fault?.kind === "OAI-PMH and API a day late" ? fault.day : null;
  return papers.filter(
    ({ day }) => announcedAt(day).getTime() + 2 * HOUR_MS <= now.getTime() && day !== hidden,
  );
}

const versionOf = ({ replacedOn }: SimPaper, now: Date) =>
  1 + replacedOn.filter((day) => announcedAt(day) <= now).length;

function oai(world: World, params: URLSearchParams, now: Date, fault: SimFault | undefined): string {
  const token = params.get("resumptionToken");
  const asked = new URLSearchParams(token ?? params.toString());
  const [from = "", until = "9999", set = "", verb = ""] = ["from", "until", "set", "verb"].map(
    (name) => asked.get(name) ?? undefined,
  );
  const cursor = Number(asked.get("cursor") ?? 0);
  const records = visible(world, now, fault)
    .map((paper): SimRecord => {
      const changes = [paper.day, ...paper.replacedOn].filter((day) => announcedAt(day) <= now);
      return { paper, datestamp: changes.at(-1) as string };
    })
    .filter(({ datestamp }) => datestamp >= from && datestamp <= until)
    .filter(({ paper }) => set === "" || paper.categories.some((name) => simSet(name).startsWith(set)));
  const page = records.slice(cursor, cursor + OAI_PAGE);
  const isCut = fault?.kind === "OAI-PMH cut off" && isWithin(fault.day, now, 0, 20);
  const next = new URLSearchParams({ from, until, set, verb, cursor: String(cursor + OAI_PAGE) }).toString();
  const isLast = cursor + OAI_PAGE >= records.length;
  if (isCut)
    return oaiAnswer(verb, page.slice(0, page.length >> 1), { token: null, cursor, size: records.length });
  const escaped = next.replaceAll("&", "&amp;");
  return oaiAnswer(verb, page, { token: isLast ? null : escaped, cursor, size: records.length });
}

function api(world: World, params: URLSearchParams, now: Date, fault: SimFault | undefined): string {
  const start = Number(params.get("start") ?? 0);
  const most = Number(params.get("max_results") ?? 10);
  const ids = params.get("id_list")?.split(",");
  const query = params.get("search_query") ?? "";
  const categories = [...query.matchAll(/cat:([\w.-]+)/g)].map(([, name]) => name as string);
  const [, since = "", until = "9"] = /submittedDate:\[(\d+) TO (\d+)\]/.exec(query) ?? [];
  const minute = (at: Date) => at.toISOString().replace(/[-:T]/g, "").slice(0, 12);
  const found = visible(world, now, fault)
    .filter(({ id, categories: of, submittedAt }) =>
      ids
        ? ids.includes(id)
        : of.some((name) => categories.includes(name)) &&
          minute(submittedAt) >= since &&
          minute(submittedAt) <= until,
    )
    .toSorted((a, b) => b.submittedAt.getTime() - a.submittedAt.getTime());
  const page = found.slice(start, start + most).map((paper) => ({ paper, version: versionOf(paper, now) }));
  return apiAnswer(found.length, start, page);
}
