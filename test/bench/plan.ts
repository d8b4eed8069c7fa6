import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type BenchOptions, type BenchResult, progress, rounded } from "./frame.ts";
import { type Morning, openMorning, PLAN_PAPERS, PLAN_TOPICS, TOPICS_EACH } from "./plan-morning.ts";
import type { PlanCost, Way } from "./plan-worker.ts";

/** Readers for whom each topic is evaluated alone: it is linear, and takes some milliseconds each. */
const PLAIN_READERS = 2_000;

interface Planned extends PlanCost {
  readonly rows: number;
  /** Of what the readers get who are planned both ways. */
  readonly checksum: string;
}

/** Plans one morning for many readers, beside evaluating each reader's topics for them alone. */
export async function benchPlan({ readers }: BenchOptions): Promise<BenchResult> {
  const morning = await openMorning(readers);
  try {
    const compared = Math.min(readers, PLAIN_READERS);
    const ours = await measure(morning, "together", readers, compared);
    const plain = await measure(morning, "one by one", compared, compared);
    if (ours.checksum !== plain.checksum) throw new Error("the two ways plan different editions");
    return describe(readers, ours, plain, compared);
  } finally {
    await morning.close();
  }
}

async function measure(morning: Morning, way: Way, readers: number, compared: number): Promise<Planned> {
  await morning.rewind(readers);
  progress(`planning ${readers} editions ${way}`);
  const cost = await planApart(morning.url, way);
  return { ...cost, ...(await morning.planned(compared)) };
}

/** Plans in a process of its own, so that its memory is that of planning; with the options of `npm start`. */
async function planApart(url: string, way: Way): Promise<PlanCost> {
  const program = fileURLToPath(new URL("./plan-worker.js", import.meta.url));
  const worker = fork(program, [url, way], {
    execArgv: ["--max-semi-space-size=4", "--heap-growing-percent=60"],
  });
  const failed = once(worker, "exit").then(([code]) => {
    throw new Error(`planning ended with exit code ${code}`);
  });
  const [cost] = await Promise.race([once(worker, "message"), failed]);
  failed.catch(() => {});
  return cost as PlanCost;
}

function describe(readers: number, ours: Planned, plain: Planned, plainReaders: number): BenchResult {
  const perEdition = ({ seconds }: Planned, of: number): number => rounded((seconds * 1000) / of);
  const row = (way: Way, planned: Planned, of: number) => ({
    way,
    readers: of,
    seconds: rounded(planned.seconds),
    "ms each": perEdition(planned, of),
    "index s": rounded(planned.parts.index),
    "claim s": rounded(planned.parts.claim),
    "match s": rounded(planned.parts.match),
    "rank s": rounded(planned.parts.rank),
    "write s": rounded(planned.parts.write),
    "rows written": planned.rows,
    "CPU ms each": rounded((planned.cpuSeconds * 1000) / of),
    "longest hold ms": rounded(planned.longestHoldMs),
    "CPU ms of it": rounded(planned.longestHoldCpuMs),
    "RSS MB": Math.round(planned.rssMb),
  });
  return {
    rows: [row("together", ours, readers), row("one by one", plain, plainReaders)],
    figures: {
      readers,
      seconds: rounded(ours.seconds),
      perEditionMs: perEdition(ours, readers),
      rssMb: Math.round(ours.rssMb),
      before: { perEditionMs: perEdition(plain, plainReaders) },
    },
    notes: [
      `${PLAN_PAPERS} new papers; ${TOPICS_EACH} topics a reader of ${PLAN_TOPICS.toLocaleString("en")} distinct ones; at most 20 papers an edition, which both ways choose alike (a checksum).`,
      "Two pages are planned at a time, so the parts of 'together' overlap: claim and write are waited for while the other page is matched and ranked.",
      "'One by one' evaluates and explains each reader's topics for them alone, as planning once did; claims and writes are the same.",
      "'rank' is ranking, composing and explaining; RSS is that of the planning process, Postgres is another.",
    ],
  };
}
