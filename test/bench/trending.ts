import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DAY_MS, type PaperDraft, TRENDING_WINDOW_MS } from "@paperboy/core";
import { openLibrary, openStore } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import { type BenchOptions, type BenchResult, progress, rounded } from "./frame.ts";
import { scratchDatabase } from "./scratch.ts";

const RECORDED = fileURLToPath(new URL("../../../../../../shared/data/hf-growth.jsonl", import.meta.url));
const TOP = 10;

interface Reading {
  readonly at: Date;
  /** 0 can mean "not read". */
  readonly upvotes: number;
}

/** A recorded paper and all that was ever seen of it. */
interface Observed {
  readonly id: string;
  readonly title: string;
  readonly readings: readonly Reading[];
}

interface Candidate {
  readonly id: string;
  readonly upvotes: number;
  readonly firstSeenAt: Date;
  /** Upvotes gained within the horizon; null when it was not observed again. */
  readonly gain: number | null;
}

/**
 * Replays recorded days as sightings, each day ingested before the next, and asks the service for the trending papers of
 * each past day. The first ten are compared with the ten that gained most afterwards.
 */
export async function benchTrending({ file = RECORDED }: BenchOptions): Promise<BenchResult> {
  if (!existsSync(file)) throw new Error(`${file} is not there: give recorded observations with --file`);
  const papers = readObservations(file);
  const times = papers.flatMap(({ readings }) => readings.map(({ at }) => at.getTime()));
  const days = [...new Set(times)].sort((a, b) => a - b);
  const ranked = await rankDays(papers, days);
  const rows: ReturnType<typeof row>[] = [];
  for (const unseen of [true, false]) {
    for (const horizon of [1, 2, 3]) rows.push(row(papers, ranked, horizon, unseen));
  }
  const isLost = ({ candidates, formula, newest, ...each }: (typeof rows)[number]) =>
    candidates === "all" && (formula <= each["most upvotes"] || formula <= newest);
  if (rows.some(isLost)) process.exitCode = 1;
  return {
    rows,
    notes: [
      "Precision at 10: the share of the first ten that are among the ten with the largest gains. Days with at least ten gains count.",
      '"all": every paper of the week is a candidate, one that was not observed again gained nothing; "observed": only those observed again.',
    ],
  };
}

/** arXiv ids in the order the service ranks them at the end of each day. */
async function rankDays(
  papers: readonly Observed[],
  days: readonly number[],
): Promise<Map<number, string[]>> {
  const database = await scratchDatabase();
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  const library = openLibrary(store);
  const ranked = new Map<number, string[]>();
  try {
    for (const day of days) {
      const at = new Date(day);
      await store.ingest({ name: "replay", kind: "file" }, draftsOf(papers, at), at);
      await store.papers.announce(at);
      progress(`${at.toISOString().slice(0, 10)} ingested`);
    }
    // Asked for when all is known: a past day must come out as it was.
    for (const day of days) {
      const date = new Date(day).toISOString().slice(0, 10);
      const { papers: trending } = await library.trending({ date, limit: 1_000 }, new Date());
      ranked.set(
        day,
        trending.map(({ paper }) => paper.arxivId ?? ""),
      );
    }
    return ranked;
  } finally {
    await store.close();
    await database.close();
  }
}

const draftsOf = (papers: readonly Observed[], at: Date): PaperDraft[] =>
  papers.flatMap(({ id, title, readings }) =>
    readings
      .filter((reading) => reading.at.getTime() === at.getTime())
      .map(({ upvotes }) => ({
        ...{ externalId: id, arxivId: id, title, abstract: "", authors: [] },
        ...{ upvotes, observedAt: at },
      })),
  );

function row(
  papers: readonly Observed[],
  ranked: ReadonlyMap<number, readonly string[]>,
  horizon: number,
  unseen: boolean,
) {
  const hits: Record<string, number[]> = { formula: [], "most upvotes": [], newest: [] };
  const halves: number[][] = [[], []];
  for (const [place, [day, order]] of [...ranked].entries()) {
    const candidates = candidatesOf(papers, day, horizon).filter(({ gain }) => unseen || gain !== null);
    if (candidates.filter(({ gain }) => (gain ?? 0) > 0).length < TOP) continue;
    const truth = new Set(firstOf(candidates, ({ gain }) => gain ?? 0));
    const known = new Set(candidates.map(({ id }) => id));
    const rankings = {
      formula: order.filter((id) => known.has(id)).slice(0, TOP),
      "most upvotes": firstOf(candidates, ({ upvotes }) => upvotes),
      newest: firstOf(candidates, ({ firstSeenAt }) => firstSeenAt.getTime()),
    };
    for (const [name, first] of Object.entries(rankings)) {
      const share = first.filter((id) => truth.has(id)).length / TOP;
      hits[name]?.push(share);
      if (name === "formula") halves[place % 2]?.push(share);
    }
  }
  const mean = (values: readonly number[] = []) =>
    rounded(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
  return {
    candidates: unseen ? "all" : "observed",
    "next days": horizon,
    days: hits.formula?.length ?? 0,
    formula: mean(hits.formula),
    "most upvotes": mean(hits["most upvotes"]),
    newest: mean(hits.newest),
    "formula, odd days": mean(halves[1]),
    "formula, even days": mean(halves[0]),
  };
}

/** Papers first seen within the week before the end of a day, with what they had and what they gained after it. */
function candidatesOf(papers: readonly Observed[], day: number, horizon: number): Candidate[] {
  const end = day + DAY_MS - 1;
  return papers.flatMap(({ id, readings }) => {
    const past = readings.filter(({ at }) => at.getTime() <= end);
    const [first] = past;
    if (first === undefined || end - first.at.getTime() > TRENDING_WINDOW_MS) return [];
    const until = end + horizon * DAY_MS;
    const later = readings.filter(
      ({ at, upvotes }) => at.getTime() > end && at.getTime() <= until && upvotes > 0,
    );
    const upvotes = past.findLast((reading) => reading.upvotes > 0)?.upvotes ?? 0;
    const gain = later.length === 0 ? null : (later.at(-1)?.upvotes ?? 0) - upvotes;
    return [{ id, upvotes, firstSeenAt: first.at, gain }];
  });
}

function readObservations(file: string): Observed[] {
  const byPaper = new Map<string, { title: string; readings: Reading[] }>();
  for (const line of readFileSync(file, "utf8").trim().split("\n")) {
    const { observed, id, title, upvotes } = JSON.parse(line) as Record<
      "observed" | "id" | "title",
      string
    > & {
      upvotes: number;
    };
    const known = byPaper.get(id) ?? { title, readings: [] };
    known.readings.push({ at: new Date(`${observed.slice(0, 10)}T00:00:00Z`), upvotes });
    byPaper.set(id, known);
  }
  return [...byPaper].map(([id, { title, readings }]) => ({
    id,
    title,
    readings: readings.sort((a, b) => a.at.getTime() - b.at.getTime()),
  }));
}

/** Ids of the ten with the highest value. */
const firstOf = (candidates: readonly Candidate[], value: (candidate: Candidate) => number): string[] =>
  candidates
    .toSorted((a, b) => value(b) - value(a) || b.id.localeCompare(a.id))
    .slice(0, TOP)
    .map(({ id }) => id);
