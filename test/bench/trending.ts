import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rankTrending, type SignalReading, signalsOf, TRENDING_WINDOW_MS } from "@paperboy/core";
import { rounded } from "./frame.ts";
import type { BenchResult } from "./main.ts";

const RECORDED = fileURLToPath(new URL("../../../../../../shared/data/hf-growth.jsonl", import.meta.url));
const DAY_MS = 86_400_000;
const TOP = 10;

interface Observed {
  readonly id: number;
  readonly readings: readonly SignalReading[];
}

interface Candidate extends Observed {
  readonly past: readonly SignalReading[];
  readonly firstSeenAt: Date;
  /** Upvotes gained within the horizon; null when it was not observed again. */
  readonly gain: number | null;
}

type Ranking = (candidates: readonly Candidate[], day: Date) => readonly Candidate[];

const RANKINGS: Readonly<Record<string, Ranking>> = {
  formula: (candidates, day) =>
    rankTrending(
      candidates.map((each) => ({ ...each, signals: signalsOf(each.past, each.firstSeenAt) })),
      day,
    ),
  "most upvotes": (candidates) =>
    sortedBy(candidates, ({ past }) => Math.max(...past.map(({ upvotes }) => upvotes ?? 0))),
  newest: (candidates) => sortedBy(candidates, ({ firstSeenAt }) => firstSeenAt.getTime()),
};

/**
 * Replays recorded days as sightings. On each day the papers seen within a week are ranked by what was known then, and
 * the first ten compared with the ten that gained most afterwards.
 */
export async function benchTrending(): Promise<BenchResult> {
  const file = process.env.TRENDING_FILE ?? RECORDED;
  if (!existsSync(file)) throw new Error(`${file} is not there: give recorded observations as TRENDING_FILE`);
  const papers = readObservations(file);
  const days = [...new Set(papers.flatMap(({ readings }) => readings.map(({ at }) => at.getTime())))].sort(
    (a, b) => a - b,
  );
  const rows = [];
  for (const unseen of [true, false]) {
    for (const horizon of [1, 2, 3]) rows.push(row(papers, days, horizon, unseen));
  }
  const lost = rows.filter((each) => each.formula <= each["most upvotes"] || each.formula <= each.newest);
  if (lost.length > 0) process.exitCode = 1;
  return {
    rows,
    notes: [
      "Precision at 10: the share of the first ten that are among the ten with the largest gains. Days with at least ten gains count.",
      '"all": every paper of the week is a candidate, one that was not observed again gained nothing; "observed": only those observed again.',
    ],
  };
}

function row(papers: readonly Observed[], days: readonly number[], horizon: number, unseen: boolean) {
  const hits: Record<string, number[]> = { formula: [], "most upvotes": [], newest: [] };
  const halves: number[][] = [[], []];
  for (const [place, time] of days.entries()) {
    // Every day's observations are known at its end.
    const day = new Date(time + DAY_MS - 1);
    const candidates = candidatesOf(papers, day, horizon).filter(({ gain }) => unseen || gain !== null);
    if (candidates.filter(({ gain }) => (gain ?? 0) > 0).length < TOP) continue;
    const truth = new Set(
      sortedBy(candidates, ({ gain }) => gain ?? 0)
        .slice(0, TOP)
        .map(({ id }) => id),
    );
    for (const [name, rank] of Object.entries(RANKINGS)) {
      const first = rank(candidates, day).slice(0, TOP);
      const share = first.filter(({ id }) => truth.has(id)).length / TOP;
      hits[name]?.push(share);
      if (name === "formula") halves[place % 2]?.push(share);
    }
  }
  const mean = (values: readonly number[] = []) =>
    rounded(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length), 2);
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

function candidatesOf(papers: readonly Observed[], day: Date, horizon: number): Candidate[] {
  return papers.flatMap((paper) => {
    const past = paper.readings.filter(({ at }) => at <= day);
    const [first] = past;
    if (first === undefined || day.getTime() - first.at.getTime() > TRENDING_WINDOW_MS) return [];
    const until = day.getTime() + horizon * DAY_MS;
    const later = paper.readings.filter(
      ({ at, upvotes }) => at > day && at.getTime() <= until && upvotes !== 0,
    );
    const known = past.findLast(({ upvotes }) => upvotes !== 0)?.upvotes ?? 0;
    const gain = later.length === 0 ? null : (later.at(-1)?.upvotes ?? 0) - known;
    return [{ ...paper, past, firstSeenAt: first.at, gain }];
  });
}

function readObservations(file: string): Observed[] {
  const byPaper = new Map<string, SignalReading[]>();
  for (const line of readFileSync(file, "utf8").trim().split("\n")) {
    const { observed, id, upvotes } = JSON.parse(line) as { observed: string; id: string; upvotes: number };
    const at = new Date(`${observed.slice(0, 10)}T00:00:00Z`);
    byPaper.set(id, [...(byPaper.get(id) ?? []), { upvotes, stars: null, comments: null, at }]);
  }
  return [...byPaper.values()].map((readings, index) => ({
    id: index + 1,
    readings: readings.sort((a, b) => a.at.getTime() - b.at.getTime()),
  }));
}

const sortedBy = (candidates: readonly Candidate[], value: (candidate: Candidate) => number): Candidate[] =>
  candidates.toSorted((a, b) => value(b) - value(a) || b.id - a.id);
