import { parseSourceSettings, readSource, SOURCE_KINDS, type SourceSettings } from "@paperboy/sources";
import { claimSource } from "@paperboy/worker";
import { type Command, Option } from "commander";
import { formatReconcile, type ReconcileFlags, reconcileSources } from "./commands/reconcile.ts";
import {
  type AddSourceFlags,
  addSource,
  formatTrial,
  runSource,
  type SourceTrial,
  showRuns,
} from "./commands/sources.ts";
import { formatSource, readSources } from "./commands/status.ts";
import type { Runtime } from "./context.ts";
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
    .description("read the beginning of a source and show it; nothing is ingested")
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
    .command("reconcile")
    .description("compare what arXiv announced with what is here, and fetch what is missing")
    .argument("[name]", "one source; all that read arXiv when absent")
    .option("--from <date>", "the first announcement day; the days that are not over when absent")
    .option("--to <date>", "the last one; today when absent")
    .action(
      withRuntime(
        async (runtime, output, name: string | undefined, flags: Omit<ReconcileFlags, "source">) => {
          const asked = { ...flags, ...(name !== undefined && { source: name }) };
          const reports = await withReading(runtime, (reading) =>
            reconcileSources(runtime.store, reading, asked),
          );
          output.result({ sources: reports }, formatReconcile(reports));
          if (reports.some(({ complete, missing }) => !complete || missing.length > 0)) process.exitCode = 1;
        },
      ),
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

async function tryOut({ store }: Runtime, reading: Reading, name: string): Promise<SourceTrial> {
  const source = await store.sources.find(name);
  if (source === null) throw new UsageError(`there is no source '${name}'`);
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
      reason: step.note ?? null,
      read: step.records.length,
      refused: step.records.length - drafts.length,
      titles,
    };
  }
  return { source: name, outcome: "ok", reason: "nothing there", read: 0, refused: 0, titles: [] };
}
