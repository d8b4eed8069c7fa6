import { join, resolve } from "node:path";
import {
  FILE_FORMATS,
  type FileFormat,
  parseSourceSettings,
  type SourceKind,
  type SourceSettings,
} from "@paperboy/sources";
import type { SourceRunReport } from "@paperboy/worker";
import { type Command, Option } from "commander";
import { formatIngest, ingestFiles } from "./commands/ingest.ts";
import { type OneReading, readOnce, showRuns } from "./commands/sources.ts";
import type { Runtime } from "./context.ts";
import type { Output } from "./output.ts";
import { filePosition } from "./runtime/file-position.ts";
import { withReading } from "./runtime/reading.ts";
import { UsageError } from "./usage-error.ts";
import { withRuntime } from "./with-runtime.ts";

/** Commands that take papers in by hand: from files, and once from where sources read. */
export function addIngestCommands(program: Command): void {
  const ingest = program.command("ingest").description("read papers and announce them");
  ingest
    .command("file")
    .description("read papers from files")
    .argument("<files...>")
    .addOption(
      new Option("--format <format>", "how the files are written")
        .choices(FILE_FORMATS)
        .makeOptionMandatory(),
    )
    .option("--resume", "resume where an interrupted reading of the same file stopped", false)
    .action(
      withRuntime(async ({ store, data }, output, files: string[], options: IngestFlags) => {
        const positions = (file: string) => filePosition(join(data.cache, "positions"), resolve(file));
        const args = [store, files, options.format, new Date(), output] as const;
        const report = await ingestFiles(...args, options.resume ? positions : undefined);
        for (const { file, at, reason } of report.refusals) output.note(`${file}: ${at}: ${reason}`);
        output.result(report, formatIngest(report));
        if (report.refused > 0) process.exitCode = 2;
      }),
    );
  addIngestFromSources(ingest);
}

interface IngestFlags {
  readonly format: FileFormat;
  readonly resume: boolean;
}

/** `ingest hf|arxiv|rss`: readings by hand. */
function addIngestFromSources(ingest: Command): void {
  ingest
    .command("hf")
    .description("read Hugging Face's daily papers")
    .option("--date <day>", "of this day, such as 2026-04-01 (default: what is new)")
    .option("--week <week>", "of this week, such as 2026-W14")
    .option("--url <url>", "ask another server")
    .action(
      withRuntime((runtime, output, { date, week, url }: { date?: string; week?: string; url?: string }) => {
        requireForm("--date", date, /^\d{4}-\d{2}-\d{2}$/, "a day such as 2026-04-01");
        requireForm("--week", week, /^\d{4}-W\d{2}$/, "a week such as 2026-W14");
        return readAll(runtime, output, [
          { name: "hf", settings: settingsOf("hf", { url }), cursor: {}, span: { date, week } },
        ]);
      }),
    );
  ingest
    .command("arxiv")
    .description("read what a search of the arXiv API brought lately")
    .argument("<query>", "a category such as cs.CL, or a search in the API's language such as cat:cs.CL")
    .option("--days <n>", "how many days back", "7")
    .option("--url <url>", "ask another server")
    .action(
      withRuntime((runtime, output, query: string, { days, url }: { days: string; url?: string }) => {
        requireForm("--days", days, /^[1-9]\d{0,3}$/, "a number of days");
        const search = /^[a-z-]+(?:\.[A-Za-z-]+)?$/.test(query) ? `cat:${query}` : query;
        const settings = settingsOf("arxiv-api", { query: search, url });
        return readAll(runtime, output, [
          { name: "arxiv", settings, cursor: {}, span: { days: Number(days) } },
        ]);
      }),
    );
  ingest
    .command("rss")
    .description("read feeds: RSS, Atom or JSON Feed")
    .argument("<feeds...>", "addresses, or archives of arXiv such as cs.CL+cs.AI")
    .action(
      withRuntime((runtime, output, feeds: string[]) => readAll(runtime, output, feeds.map(feedReading))),
    );
}

function feedReading(feed: string): OneReading {
  if (!URL.canParse(feed))
    return { name: "arxiv", settings: settingsOf("arxiv-rss", { query: feed }), cursor: {} };
  const { hostname } = new URL(feed);
  return { name: hostname.replace(/[^\w.-]/g, "-"), settings: settingsOf("feed", { url: feed }), cursor: {} };
}

function settingsOf(
  kind: SourceKind,
  more: Partial<Record<"url" | "query", string | undefined>>,
): SourceSettings {
  return parseSourceSettings({ kind, ...more });
}

function requireForm(option: string, value: string | undefined, form: RegExp, what: string): void {
  if (value !== undefined && !form.test(value)) throw new UsageError(`${option} is ${what}`);
}

async function readAll(runtime: Runtime, output: Output, asked: readonly OneReading[]): Promise<void> {
  const reports = await withReading(runtime, async (reading) => {
    const done: SourceRunReport[] = [];
    for (const one of asked) done.push(await readOnce(runtime.store, reading, one));
    return done;
  });
  showRuns(reports, output);
}
