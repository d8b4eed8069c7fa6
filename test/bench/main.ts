import { parseArgs } from "node:util";
import { benchCompleteness } from "./completeness.ts";
import { benchDay } from "./day.ts";
import { type BenchOptions, type BenchResult, formatReport, machine, type Report } from "./frame.ts";
import { benchHighlights } from "./highlights.ts";
import { benchHostileQueries } from "./hostile-queries.ts";
import { benchIngest } from "./ingest.ts";
import { benchMatch } from "./match.ts";
import { benchPlan } from "./plan.ts";
import { benchRelevance } from "./relevance.ts";
import { benchSearch } from "./search.ts";
import { benchSearchQuality } from "./search-quality.ts";
import { benchStart } from "./start.ts";
import { benchStorm } from "./storm.ts";
import { benchTrending } from "./trending.ts";

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchResult>>> = {
  start: benchStart,
  day: benchDay,
  plan: benchPlan,
  match: benchMatch,
  search: benchSearch,
  "search-quality": benchSearchQuality,
  ingest: benchIngest,
  trending: benchTrending,
  relevance: benchRelevance,
  highlights: benchHighlights,
  "hostile-queries": benchHostileQueries,
  storm: benchStorm,
  completeness: benchCompleteness,
};

const QUEUES = ["redis", "postgres"] as const;

const USAGE = `usage: npm run bench -- <name> [--json] [--rounds N]

  start                                first and second start, and memory at rest
  day    [--readers 2000]              plan to submitted, signed, beside a plain loop, the usual pipeline and smtp-source
  plan   [--readers 2000]              the editions of one morning, beside planning reader by reader
  match  [--topics 10000,100000,1000000]  papers against topics, beside a loop and Postgres
  search [--papers 200000]             queries over a whole archive in Postgres
  search-quality [--papers 200000] [--limit 1000] [--seed N]
                                       known papers by words of their titles and by pasted titles, and an order people gave
  ingest [--papers 18000]              papers into Postgres, beside a plain COPY of the same rows
  storm  [--kills 1000] [--seed N] [--policy hold|retry] [--readers 2000] [--queue redis|postgres]
                                       days of editions while workers, Postgres, Redis and connections are killed
  relevance [--readers F] [--words F] [--vocabulary F] [--articles F] [--limit N]
                                       the ranking by taste beside others, on real libraries
  highlights [--file F] [--train]      the sentences that cards show, on abstracts that people labelled
  hostile-queries [--papers 200000] [--seconds 600] [--seed N]
                                       a fuzzer looks for the worst queries, and fifty clients send them
  completeness [--days 200] [--seed N]  days of a simulated arXiv that goes wrong: papers announced, held, lost, twice
  trending [--file F]                  the formula beside "most upvotes" and "newest", on recorded days
`;

/** Runs one benchmark and prints its table, or with `--json` one object. */
export async function main(args: readonly string[]): Promise<void> {
  const read = readArguments(args);
  const run = read && BENCHES[read.name];
  if (!run) {
    process.stderr.write(USAGE);
    process.exit(args.length === 0 || args.includes("--help") ? 0 : 2);
  }
  const { rows, notes, figures = {} } = await run(read.options);
  const date = new Date().toISOString().slice(0, 10);
  const report: Report = { bench: read.name, machine: machine(), date, rows, notes };
  process.stdout.write(
    `${read.json ? JSON.stringify({ ...report, ...figures }) : `\n${formatReport(report)}`}\n`,
  );
  process.exit(process.exitCode ?? 0);
}

function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        rounds: { type: "string" },
        readers: { type: "string" },
        kills: { type: "string", default: "1000" },
        seed: { type: "string", default: String(1 + Math.floor(Math.random() * 1e6)) },
        seconds: { type: "string", default: "600" },
        days: { type: "string", default: "200" },
        policy: { type: "string", default: "hold" },
        queue: { type: "string" },
        file: { type: "string" },
        words: { type: "string" },
        vocabulary: { type: "string" },
        articles: { type: "string" },
        limit: { type: "string" },
        train: { type: "boolean", default: false },
        papers: { type: "string", default: "200000" },
        topics: { type: "string", default: "10000,100000,1000000" },
      },
    });
    const { words, vocabulary, articles } = values;
    // Other benchmarks take a number of readers, this one a file of them.
    const isFile = positionals[0] === "relevance";
    const options: BenchOptions = {
      rounds: values.rounds === undefined ? undefined : wholeNumber("--rounds", values.rounds),
      readers: isFile ? 0 : wholeNumber("--readers", values.readers ?? "2000"),
      libraries: { readers: values.readers, words, vocabulary, articles },
      limit: values.limit === undefined ? undefined : wholeNumber("--limit", values.limit),
      train: values.train,
      papers: wholeNumber("--papers", values.papers),
      kills: wholeNumber("--kills", values.kills),
      seed: wholeNumber("--seed", values.seed),
      seconds: wholeNumber("--seconds", values.seconds),
      days: wholeNumber("--days", values.days),
      policy: oneOf("--policy", ["hold", "retry"], values.policy),
      queue: values.queue === undefined ? undefined : oneOf("--queue", QUEUES, values.queue),
      file: values.file,
      topics: values.topics.split(",").map((text) => wholeNumber("--topics", text)),
    };
    return { name: positionals[0] ?? "", json: values.json, options };
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n\n`);
    return null;
  }
}

function oneOf<Word extends string>(option: string, words: readonly Word[], text: string): Word {
  const word = words.find((each) => each === text);
  if (word === undefined) throw new Error(`${option} takes ${words.join(" or ")}, not '${text}'`);
  return word;
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${option} takes a whole number, not '${text}'`);
  return value;
}
