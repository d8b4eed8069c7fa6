import { cpus, totalmem } from "node:os";
import type { LibraryFiles } from "./relevance-data.ts";

/** One way of doing the work that is measured. */
export interface Contender {
  readonly name: string;
  /** Brings everything to the same start; not measured. */
  readonly prepare?: () => Promise<void> | void;
  /** Does the work; gives how many units it did. */
  readonly run: () => Promise<number> | number;
}

/** Medians over the rounds. */
export interface Measured {
  readonly name: string;
  readonly seconds: number;
  readonly units: number;
  readonly unitsPerSecond: number;
  /** Processor time of this process, user and system, a unit. */
  readonly cpuMicrosecondsPerUnit: number;
  /** The most memory this process held in any round, read at its end. */
  readonly rssMegabytes: number;
}

/** A line of results: numbers by name. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** What a benchmark can be told. */
export interface BenchOptions {
  readonly rounds: number | undefined;
  readonly readers: number;
  readonly papers: number;
  readonly topics: readonly number[];
  readonly kills: number;
  readonly seed: number;
  /** How long to look, and as long again to send what was found. */
  readonly seconds: number;
  /** Days that pass. */
  readonly days: number;
  readonly policy: "hold" | "retry";
  /** Where a storm keeps its jobs; in Redis when there is one, unless it is said. */
  readonly queue: "redis" | "postgres" | undefined;
  /** Recorded observations, instead of those beside the project. */
  readonly file: string | undefined;
  /** Recorded libraries of people, and the articles in them, instead of those beside the project. */
  readonly libraries: LibraryFiles;
  /** At most so many readers of a file. */
  readonly limit: number | undefined;
  /** Make weights anew from the file, instead of measuring those there are. */
  readonly train: boolean;
}

export interface BenchResult {
  readonly rows: readonly Row[];
  /** What a program reads: it stands beside the rows in the JSON. */
  readonly figures?: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

export interface Report {
  readonly bench: string;
  readonly machine: string;
  readonly date: string;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/** Runs contenders in turn, round by round, so that a noisy machine disturbs them alike. */
export async function interleave(contenders: readonly Contender[], rounds: number): Promise<Measured[]> {
  const taken = contenders.map((): Sample[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      taken[index]?.push(await sample(contender));
      progress(`round ${round + 1} of ${rounds}: ${contender.name}`);
    }
  }
  return contenders.map(({ name }, index) => summarise(name, taken[index] ?? []));
}

interface Sample {
  readonly seconds: number;
  readonly units: number;
  readonly cpuMicroseconds: number;
  readonly rss: number;
}

async function sample({ prepare, run }: Contender): Promise<Sample> {
  await prepare?.();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const units = await run();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, units, cpuMicroseconds: user + system, rss: process.memoryUsage.rss() };
}

function summarise(name: string, samples: readonly Sample[]): Measured {
  const seconds = median(samples.map((each) => each.seconds));
  const units = median(samples.map((each) => each.units));
  return {
    name,
    seconds,
    units,
    unitsPerSecond: units / seconds,
    cpuMicrosecondsPerUnit: median(samples.map((each) => each.cpuMicroseconds / Math.max(1, each.units))),
    rssMegabytes: Math.max(...samples.map((each) => each.rss)) / 2 ** 20,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const rounded = (value: number, digits = 3): number => Number(value.toPrecision(digits));

/** `4.2×`: how many times faster than the baseline of the same run. */
export const ratio = (baseline: number, ours: number): number => rounded(baseline / ours);

export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;

/** What is going on, for a person who waits. */
export function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
}

/** A table for people. */
export function formatReport({ bench, machine: on, date, rows, notes }: Report): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const table = [columns, ...rows.map((row) => columns.map((name) => String(row[name] ?? "")))];
  const widths = columns.map((_, place) => Math.max(...table.map((line) => line[place]?.length ?? 0)));
  const lines = table.map((line) => line.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join("  "));
  return [`${bench} (${date}, ${on})`, "", ...lines, "", ...notes].join("\n");
}
