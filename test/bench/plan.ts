import { lateNotes, MAX_LATENESS_MS } from "@paperboy/core";
import { openLibrary, type Store } from "@paperboy/db";
import { plan } from "@paperboy/worker";
import type pg from "pg";
import { rounded } from "./frame.ts";
import type { BenchOptions, BenchResult } from "./main.ts";
import { openMorning, PLAN_AT, PLAN_PAPERS, PLAN_TOPICS, TOPICS_EACH } from "./plan-morning.ts";
import { createPlainPlanner } from "./plan-plainly.ts";
import { createStopwatch, type Stopwatch } from "./plan-stopwatch.ts";

/** Readers for whom each topic is evaluated alone: it is linear, and takes some milliseconds each. */
const PLAIN_READERS = 2_000;
const PLAIN_PAGE = 500;

interface Planned {
  readonly readers: number;
  readonly seconds: number;
  readonly parts: Stopwatch["seconds"];
  readonly longestHoldMs: number;
  readonly rssMb: number;
  readonly rows: number;
  /** Of what the readers who are planned both ways get. */
  readonly checksum: string;
}

/** Plans one morning for many readers, beside evaluating each reader's topics for them alone. */
export async function benchPlan({ readers }: BenchOptions): Promise<BenchResult> {
  const morning = await openMorning(readers);
  try {
    const compared = Math.min(readers, PLAIN_READERS);
    const ours = await measure(morning.sql, compared, (watch) => planTogether(morning.store, watch));
    await morning.rewind(compared);
    const plain = await measure(morning.sql, compared, (watch) => planPlainly(morning.store, watch));
    if (ours.checksum !== plain.checksum) throw new Error("the two ways plan different editions");
    return describe(ours, plain);
  } finally {
    await morning.close();
  }
}

async function measure(
  sql: pg.Pool,
  compared: number,
  run: (watch: Stopwatch) => Promise<number>,
): Promise<Planned> {
  const watch = createStopwatch();
  const started = performance.now();
  const readers = await run(watch);
  const seconds = (performance.now() - started) / 1000;
  const { rssMb, longestHoldMs } = watch.stop();
  const { rows } = await sql.query(
    `SELECT (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM digests) + $1 AS rows,
       (SELECT md5(string_agg(concat(paper_ids, sections), ',' ORDER BY email)) FROM digests g
        JOIN subscriptions s ON s.id = g.subscription_id JOIN subscribers r ON r.id = s.subscriber_id
        WHERE email COLLATE "C" < $2) AS checksum`,
    [readers, `reader${String(compared).padStart(7, "0")}@example.org`],
  );
  const [{ rows: written, checksum }] = rows;
  return { readers, seconds, parts: watch.seconds, rssMb, longestHoldMs, rows: Number(written), checksum };
}

/** What the service does, with a stopwatch at its doors. */
async function planTogether(store: Store, watch: Stopwatch): Promise<number> {
  const library = openLibrary(store);
  const matcher = {
    refresh: () => watch.time("index", library.refresh),
    hold: () => {
      const held = library.hold();
      return { ...held, matches: { ...held.matches, find: watch.steps("match", held.matches.find) } };
    },
  };
  const { planned } = await plan({ ...store, planPage: watch.pages(store.planPage) }, matcher, PLAN_AT);
  return planned;
}

async function planPlainly(store: Store, watch: Stopwatch): Promise<number> {
  const papers = await store.papers.announcedAfter(0, 10 * PLAN_PAPERS);
  const planner = await watch.time("index", async () =>
    createPlainPlanner(papers, {
      now: PLAN_AT,
      maxLatenessMs: MAX_LATENESS_MS,
      trending: [],
      revisions: [],
      notesFor: lateNotes(await store.sources.health(PLAN_AT), PLAN_AT),
      upTo: papers.at(-1)?.seq ?? 0,
      carriedFrom: 0,
    }),
  );
  const planPage = watch.pages(store.planPage);
  let planned = 0;
  for (;;) {
    const page = await planPage({ now: PLAN_AT, limit: PLAIN_PAGE, seenFromSeq: papers.length + 1 }, (due) =>
      due.map(planner.decide),
    );
    planned += page.pending.length;
    if (page.due === 0) return planned;
  }
}

const perEdition = ({ seconds, readers }: Planned): number => rounded((seconds * 1000) / readers);

function describe(ours: Planned, plain: Planned): BenchResult {
  const row = (way: string, planned: Planned) => ({
    way,
    editions: planned.readers,
    seconds: rounded(planned.seconds),
    "ms an edition": perEdition(planned),
    "index s": rounded(planned.parts.index),
    "claim s": rounded(planned.parts.claim),
    "match s": rounded(planned.parts.match),
    "rank s": rounded(planned.parts.rank),
    "write s": rounded(planned.parts.write),
    "rows written": planned.rows,
    "longest hold ms": rounded(planned.longestHoldMs),
    "RSS MB": Math.round(planned.rssMb),
  });
  return {
    rows: [row("together", ours), row("one by one", plain)],
    figures: {
      readers: ours.readers,
      seconds: rounded(ours.seconds),
      perEditionMs: perEdition(ours),
      rssMb: Math.round(ours.rssMb),
      before: { perEditionMs: perEdition(plain) },
    },
    notes: [
      `${PLAN_PAPERS} new papers; ${TOPICS_EACH} topics a reader of ${PLAN_TOPICS.toLocaleString("en")} distinct ones; at most 20 papers an edition, which both ways choose alike (a checksum).`,
      "Two pages are planned at a time, so the parts of 'together' overlap: claim and write are waited for while the other page is matched and ranked.",
      "'One by one' evaluates and explains each reader's topics for them alone, as planning once did; claims and writes are the same.",
      "'rank' is ranking, composing and explaining; RSS is that of the planning process, Postgres is another.",
    ],
  };
}
