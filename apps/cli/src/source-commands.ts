import {
  parseSourceSettings,
  readSource,
  SOURCE_KINDS,
  type SourceKind,
  type SourceSettings,
} from "@paperboy/sources";
import { claimSource, type SourceRunReport } from "@paperboy/worker";
import { type Command, Option } from "commander";
import { formatIngest } from "./commands/ingest.ts";
import {
  type AddSourceFlags,
  addSource,
  formatTrial,
  type OneReading,
  readOnce,
  runSource,
  type SourceTrial,
} from "./commands/sources.ts";
import { formatSource, readSources } from "./commands/status.ts";
import type { Runtime } from "./context.ts";
import type { Output } from "./output.ts";
import { type Reading, withReading } from "./runtime/reading.ts";
import { UsageError } from "./usage-error.ts";
import { withRuntime } from "./with-runtime.ts";

/** Commands about where papers come from by themselves. */
export function addSourceCommands(program: Command): void {
  const source = program.command("source").description("where papers come from");
  source
    .command("add")
    .description("add a source, or change the one of this name; a running service reads it within a minute")
    .argument("<name>", "what `source:` finds its papers by")
    .addOption(new Option("--kind <kind>", "what it is").choices(SOURCE_KINDS).makeOptionMandatory())
    .option("--url <url>", "the feed, or another server than the usual one")
    .option("--query <query>", "arxiv-api: such as cat:cs.CL; arxiv-rss: such as cs.CL+cs.AI")
    .option("--set <set>", "arxiv-oai: such as cs")
    .option("--every <minutes>", "how often it is read")
    .action(
      withRuntime(async ({ store }, output, name: string, flags: AddSourceFlags) => {
        const added = await addSource(store, name, flags, new Date());
        output.result(added, `${name} (${added.kind}) is read every ${added.everyMinutes} minutes`);
      }),
    );
  source
    .command("list")
    .description("all sources and how they do")
    .action(
      withRuntime(async ({ store }, output) => {
        const sources = await readSources(store, new Date());
        output.result({ sources }, sources.map(formatSource).join("\n") || "no sources yet");
      }),
    );
  source
    .command("test")
    .description("read the beginning of a source and show it; nothing is taken in")
    .argument("<name>")
    .action(
      withRuntime(async (runtime, output, name: string) => {
        const trial = await withReading(runtime, (reading) => tryOut(runtime, reading, name));
        output.result(trial, formatTrial(trial));
        if (trial.outcome === "failed" || trial.outcome === "refused") process.exitCode = 1;
      }),
    );
  source
    .command("run")
    .description("read a source now")
    .argument("<name>")
    .action(
      withRuntime(async (runtime, output, name: string) => {
        const report = await withReading(runtime, (reading) => runSource(runtime.store, reading, name));
        showRuns([report], output);
      }),
    );
  source
    .command("remove")
    .description("stop reading a source; its papers stay")
    .argument("<name>")
    .action(
      withRuntime(async ({ store }, output, name: string) => {
        if (!(await store.sources.remove(name))) throw new UsageError(`there is no source '${name}'`);
        output.result({ removed: name }, `${name} is not read any more`);
      }),
    );
  source
    .command("quarantine")
    .description("records that could not be read, and why")
    .argument("[name]")
    .option("--limit <n>", "at most this many", "100")
    .action(
      withRuntime(async ({ store }, output, name: string | undefined, { limit }: { limit: string }) => {
        const records = await store.sources.quarantined(Number(limit) || 100, name);
        const lines = records.map(
          (each) =>
            `${each.source}: ${each.at}: ${each.reason}${each.times > 1 ? ` (${each.times} times)` : ""}`,
        );
        output.result({ records }, lines.join("\n") || "nothing is quarantined");
      }),
    );
  addMergeCommands(program);
}

function addMergeCommands(program: Command): void {
  const merges = program.command("merges").description("papers that were found to be one");
  merges
    .command("list")
    .description("the newest first")
    .action(
      withRuntime(async ({ store }, output) => {
        const list = await store.merges.list(200);
        const lines = list.map(
          (each) =>
            `${each.id}: "${each.mergedTitle}" into "${each.title}" (${each.reason})${each.undoneAt ? ", undone" : ""}`,
        );
        output.result({ merges: list }, lines.join("\n") || "none");
      }),
    );
  merges
    .command("undo")
    .description("part two papers again, for good")
    .argument("<id>")
    .action(
      withRuntime(async ({ store }, output, id: string) => {
        if (!(await store.merges.undo(Number(id) || 0, new Date())))
          throw new UsageError(`there is no merge ${id} to undo`);
        output.result({ undone: Number(id) }, `merge ${id} is undone`);
      }),
    );
}

/** `ingest hf|arxiv|rss`: readings by hand, beside `ingest file`. */
export function addIngestFromSources(ingest: Command): void {
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
        // The reader looks four days further back than its cursor says.
        const since = new Date(Date.now() - (Number(days) - 4) * 86_400_000).toISOString().slice(0, 10);
        return readAll(runtime, output, [
          { name: "arxiv", settings: settingsOf("arxiv-api", { query: search, url }), cursor: { since } },
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

/** Prints what readings did, in the shape of every `ingest`; a reading that failed ends the command with 1. */
function showRuns(reports: readonly SourceRunReport[], output: Output): void {
  const total = { read: 0, new: 0, updated: 0, unchanged: 0, refused: 0 };
  for (const report of reports) {
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += report[name];
    if (report.reason !== null) output.note(`${report.source}: ${report.outcome}: ${report.reason}`);
    for (const { at, reason } of report.refusals) output.note(`${report.source}: ${at}: ${reason}`);
    if (report.outcome === "failed" || report.outcome === "refused" || report.outcome === "busy")
      process.exitCode = 1;
  }
  const refusals = reports.flatMap(({ source, refusals }) =>
    refusals.map((refusal) => ({ file: source, ...refusal })),
  );
  const outcomes = reports.map(({ source, outcome, reason }) => ({ source, outcome, reason }));
  output.result({ ...total, refusals, outcomes }, formatIngest(total));
  if (total.refused > 0) process.exitCode ??= 2;
}

async function tryOut({ store }: Runtime, reading: Reading, name: string): Promise<SourceTrial> {
  const source = (await store.sources.list()).find((each) => each.name === name);
  if (source === undefined) throw new UsageError(`there is no source '${name}'`);
  const settings = parseSourceSettings({ kind: source.kind, ...source.config });
  const held = await claimSource(store, reading, () => new Date(), { name });
  if (held === null)
    throw new UsageError(`'${name}', or the server it asks, is being read by another process`);
  try {
    return await firstPage(name, settings, reading);
  } finally {
    await store.sources.release(held.id);
  }
}

async function firstPage(name: string, settings: SourceSettings, reading: Reading): Promise<SourceTrial> {
  for await (const step of readSource(settings, {}, { ...reading, now: new Date() })) {
    if (step.kind !== "page") {
      const reason = "reason" in step ? step.reason : null;
      return { source: name, outcome: step.kind, reason, read: 0, refused: 0, titles: [] };
    }
    const drafts = step.records.flatMap(({ draft }) => (draft ? [draft] : []));
    const titles = drafts.slice(0, 10).map(({ title }) => title);
    return {
      source: name,
      outcome: "ok",
      reason: null,
      read: step.records.length,
      refused: step.records.length - drafts.length,
      titles,
    };
  }
  return { source: name, outcome: "ok", reason: "nothing there", read: 0, refused: 0, titles: [] };
}
