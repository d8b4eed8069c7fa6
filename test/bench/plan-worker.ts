import { lateNotes, MAX_LATENESS_MS } from "@paperboy/core";
import { openLibrary, openStore, type Store } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import { plan } from "@paperboy/worker";
import { PLAN_AT, PLAN_PAPERS } from "./plan-morning.ts";
import { createPlainPlanner } from "./plan-plainly.ts";
import { createStopwatch, type Part, type Stopwatch } from "./plan-stopwatch.ts";

/** How topics are evaluated: all of a planning at once, or reader after reader. */
export type Way = "together" | "one by one";

/** What one planning cost, sent to the process that asked for it. */
export interface PlanCost {
  readonly editions: number;
  readonly seconds: number;
  readonly parts: Readonly<Record<Part, number>>;
  /** Processor time, user and system, all threads. */
  readonly cpuSeconds: number;
  readonly longestHoldMs: number;
  readonly longestHoldCpuMs: number;
  readonly rssMb: number;
}

const PLAIN_PAGE = 500;

/** Plans what is due in a process of its own, as a worker does, and tells what it cost. */
async function main(url: string, way: Way): Promise<void> {
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url });
  const watch = createStopwatch();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const editions = await (way === "together" ? planTogether(store, watch) : planPlainly(store, watch));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  const cost: PlanCost = { editions, seconds, cpuSeconds, parts: watch.seconds, ...watch.stop() };
  await store.close();
  process.send?.(cost);
}

/** What the service does. */
async function planTogether(store: Store, watch: Stopwatch): Promise<number> {
  const library = openLibrary(store);
  await watch.time("index", library.refresh);
  const { deliveryIds, busyMs } = await plan(
    { ...store, planPage: watch.pages(store.planPage) },
    library,
    PLAN_AT,
  );
  watch.seconds.match = busyMs.match / 1000;
  watch.seconds.rank = busyMs.rank / 1000;
  return deliveryIds.length;
}

async function planPlainly(store: Store, watch: Stopwatch): Promise<number> {
  const papers = await store.papers.announcedAfter(0, 10 * PLAN_PAPERS);
  const day = {
    now: PLAN_AT,
    maxLatenessMs: MAX_LATENESS_MS,
    trending: [],
    revisions: [],
    notesFor: lateNotes(await store.sources.health(PLAN_AT), PLAN_AT),
    upTo: papers.at(-1)?.seq ?? 0,
    carriedFrom: 0,
  };
  const planner = await watch.time("index", async () => createPlainPlanner(papers, day));
  const planPage = watch.pages(store.planPage);
  let planned = 0;
  for (;;) {
    const page = await planPage({ now: PLAN_AT, limit: PLAIN_PAGE, seenFromSeq: papers.length + 1 }, (due) =>
      watch.time("rank", async () => due.map(planner.decide)),
    );
    planned += page.pending.length;
    if (page.due === 0) return planned;
  }
}

const [, , url, way] = process.argv;
await main(url ?? "", way as Way);
