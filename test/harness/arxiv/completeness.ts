import {
  announcedAt,
  announcementDayBefore,
  announcementDays,
  DAY_MS,
  HOUR_MS,
  type SubscriptionOrder,
} from "@paperboy/core";
import { openLibrary, openStore, type Store } from "@paperboy/db";
import { ARXIV_POLICY, arxivHostPolicy, createFetcher, mirrorOf } from "@paperboy/sources";
import {
  createWorkerContext,
  readNextSource,
  readWorkerConfig,
  reconcileNext,
  runUntilDone,
  type WorkerContext,
} from "@paperboy/worker";
import { SECRET_KEYS } from "../secret.ts";
import { type AcceptedMail, startSmtpSink } from "../smtp-sink.ts";
import {
  type FaultKind,
  makeFaults,
  NAMED_BY,
  type SimFault,
  withHolidays,
  withReplacements,
} from "./faults.ts";
import { nameFaults } from "./name-faults.ts";
import { makePapers, randomOf, type SimPaper } from "./papers.ts";
import { type RequestStats, startArxiv } from "./server.ts";

export interface CompletenessOptions {
  readonly databaseUrl: string;
  readonly directories: { readonly templatesDir: string; readonly cacheDir: string };
  /** The first day, ISO 8601, and how many days pass. */
  readonly from: string;
  readonly days: number;
  readonly seed: number;
  readonly perDay: number;
  /** Faults instead of those from the seed. */
  readonly faults?: readonly SimFault[];
  readonly progress?: (line: string) => void;
}

export interface CompletenessReport {
  readonly days: number;
  readonly announced: number;
  readonly held: number;
  /** Ids that were announced, and no mail brought. */
  readonly lost: readonly string[];
  /** Ids that came to one reader in two mails. */
  readonly twice: readonly string[];
  readonly faults: readonly (SimFault & { readonly named: boolean | null; readonly said: string })[];
  /** The longest time from an announcement to the mail, of papers announced while the service ran. */
  readonly latestHours: number;
  readonly requestStats: RequestStats;
}

const CATEGORIES = ["cs.CL", "cs.LG", "stat.ML"];
const STEP_MS = 3 * HOUR_MS;
/** Editions go out at this hour, UTC: early morning in New York. */
const EDITION_HOUR = 12;
const READERS: readonly (readonly [string, string])[] = [
  ["all@example.org", "category:cs.* OR category:stat.*"],
  ["lg@example.org", "category:cs.LG"],
];
const ORDER: Omit<SubscriptionOrder, "topics"> = {
  trending: false,
  cadence: "daily",
  weekday: 1,
  localMinute: EDITION_HOUR * 60,
  timezone: "UTC",
  maxPapers: 50,
};

/**
 * Lets days pass at a simulated arXiv and in the service's own reading, reconciling, announcing, planning and sending, and
 * compares what was announced with what the mails brought. Nobody waits: pauses move the simulated clock.
 */
export async function runCompleteness(options: CompletenessOptions): Promise<CompletenessReport> {
  const random = randomOf(options.seed);
  const span = { from: options.from, to: dayAfter(options.from, options.days - 1) };
  const days = announcementDays(span.from, span.to);
  const faults = options.faults ?? makeFaults(days, CATEGORIES, random);
  const made = withHolidays(makePapers(CATEGORIES, span, options.perDay, random), days, faults);
  const papers = withReplacements(made, days, faults);
  const clock = { at: announcedAt(days[0] as string).getTime() - 20 * HOUR_MS };
  const now = () => new Date(clock.at);
  const wait = async (milliseconds: number) => {
    clock.at += milliseconds;
  };
  // A quiet day before the first, on which the service is set up.
  const shown = [announcementDayBefore(days[0] as string), ...days];
  const arxiv = await startArxiv({ papers, days: shown, faults, now, random });
  const sink = await startSmtpSink();
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: options.databaseUrl });
  const worker = await openWorker(options, store, sink.url, now);
  const fetcher = createFetcher({
    userAgent: "Paperboy/1.0",
    allowPrivate: true,
    hostPolicies: [arxivHostPolicy("127.0.0.1")],
    now,
    wait,
  });
  const arrivals = new Map<string, number>();
  const named = new Map<SimFault, string>();
  try {
    await begin(store, arxiv.url, now());
    sink.script = { onAccepted: () => noteArrivals(sink.accepted, arrivals, clock.at) };
    const simulation = { store, worker, ports: { fetcher, wait, arxiv: mirrorOf(arxiv.url) }, now };
    const end = announcedAt(days.at(-1) as string).getTime() + 2 * DAY_MS;
    for (let at = clock.at + STEP_MS; at <= end; at += STEP_MS) {
      clock.at = Math.max(clock.at, at);
      if (isDown(faults, days, at)) continue;
      await live(simulation, at);
      await nameFaults(store, faults, now(), named);
      options.progress?.(`${now().toISOString().slice(0, 10)}: ${arrivals.size} papers mailed`);
    }
    const settled = papers.filter(({ day }) => announcedAt(day).getTime() < end - DAY_MS);
    return await conclude({
      options,
      store,
      settled,
      faults,
      days,
      named,
      arrivals,
      mails: sink.accepted,
      requestStats: arxiv.requestStats(),
    });
  } finally {
    await fetcher.close();
    await worker.close();
    await store.close();
    await sink.close();
    await arxiv.close();
  }
}

const dayAfter = (day: string, by: number) =>
  new Date(Date.parse(day) + by * DAY_MS).toISOString().slice(0, 10);

function openWorker(
  { databaseUrl, directories }: CompletenessOptions,
  store: Store,
  smtpUrl: string,
  now: () => Date,
): Promise<WorkerContext> {
  const config = readWorkerConfig({
    DATABASE_URL: databaseUrl,
    SMTP_URL: smtpUrl,
    PUBLIC_URL: "http://papers.test",
    MAIL_FROM: "Paperboy <digest@papers.test>",
    SECRET_KEYS,
  });
  return createWorkerContext(config, store, { ...directories, library: openLibrary(store), now });
}

async function begin(store: Store, url: string, at: Date): Promise<void> {
  const config = { query: CATEGORIES.join("+"), url: `${url}/rss/${CATEGORIES.join("+")}` };
  await store.sources.add({ name: "arxiv", kind: "arxiv-rss", config, everyMinutes: 180 }, at);
  for (const [address, query] of READERS) {
    const order = { ...ORDER, topics: [{ name: "Papers", query }] };
    const { requestId } = await store.subscriptions.request({ address, key: address }, order, at);
    await store.subscriptions.confirm(requestId, at);
  }
}

interface Simulation {
  readonly store: Store;
  readonly worker: WorkerContext;
  readonly ports: Parameters<typeof readNextSource>[1];
  readonly now: () => Date;
}

/** What the worker does in a while: reads, reconciles, announces, and at the hour plans and sends. */
async function live({ store, worker, ports, now }: Simulation, at: number): Promise<void> {
  while ((await readNextSource(store, ports, now)) !== null);
  while ((await reconcileNext(store, ports, now)) !== null);
  await store.papers.announce(now());
  if (new Date(at).getUTCHours() === EDITION_HOUR || new Date(at).getUTCHours() === EDITION_HOUR + 1)
    await runUntilDone(worker, now());
}

/** The service is off from the announcement of a day until that of a later one. */
function isDown(faults: readonly SimFault[], days: readonly string[], at: number): boolean {
  return faults.some(({ kind, day, days: lasts }) => {
    if (kind !== "outage of ours") return false;
    const last = days[days.indexOf(day) + lasts] ?? day;
    return at >= announcedAt(day).getTime() && at < announcedAt(last).getTime();
  });
}

const idsIn = ({ raw }: AcceptedMail): Set<string> => {
  const text = raw.replace(/=\r?\n/g, "");
  return new Set([...text.matchAll(/arxiv\.org\/abs\/(\d{4}\.\d{5})/g)].map(([, id]) => id as string));
};

function noteArrivals(mails: readonly AcceptedMail[], arrivals: Map<string, number>, at: number): void {
  const last = mails.at(-1);
  if (last?.to !== READERS[0]?.[0]) return;
  for (const id of idsIn(last as AcceptedMail)) if (!arrivals.has(id)) arrivals.set(id, at);
}

interface Conclusion {
  readonly options: CompletenessOptions;
  readonly store: Store;
  readonly settled: readonly SimPaper[];
  readonly faults: readonly SimFault[];
  readonly days: readonly string[];
  readonly named: ReadonlyMap<SimFault, string>;
  readonly arrivals: ReadonlyMap<string, number>;
  readonly mails: readonly AcceptedMail[];
  readonly requestStats: RequestStats;
}

async function conclude(facts: Conclusion): Promise<CompletenessReport> {
  const { options, store, settled, faults, days, named, arrivals, mails, requestStats } = facts;
  const held = await store.sources.heldPapers(settled.map(({ id }) => id));
  const twice = READERS.flatMap(([address]) => {
    const ids = mails.filter(({ to }) => to === address).flatMap((mail) => [...idsIn(mail)]);
    const seen = new Set<string>();
    return ids.filter((id) => seen.size === seen.add(id).size);
  });
  const forLg = new Set(mails.filter(({ to }) => to === READERS[1]?.[0]).flatMap((mail) => [...idsIn(mail)]));
  const lost = settled.filter(
    ({ id, categories }) => !arrivals.has(id) || (categories.includes("cs.LG") && !forLg.has(id)),
  );
  const hours = settled
    .filter(({ day }) => !isDown(faults, days, announcedAt(day).getTime()))
    .map(({ id, day }) => ((arrivals.get(id) ?? 0) - announcedAt(day).getTime()) / HOUR_MS);
  return {
    days: options.days,
    announced: settled.length,
    held: held.filter(({ isNews }) => isNews).length,
    lost: lost.map(({ id }) => id),
    twice,
    faults: faults.map((fault) => {
      const pattern = NAMED_BY[fault.kind as FaultKind];
      const said = named.get(fault) ?? "";
      return { ...fault, named: pattern === null ? null : pattern.test(said), said };
    }),
    latestHours: Math.round(Math.max(0, ...hours)),
    requestStats,
  };
}
