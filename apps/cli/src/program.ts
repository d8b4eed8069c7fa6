import { writeFile } from "node:fs/promises";
import { openLibrary } from "@paperboy/db";
import { createRenderer } from "@paperboy/mail";
import { FILE_FORMATS, type FileFormat } from "@paperboy/sources";
import { deliverDue, plan, runUntilDone } from "@paperboy/worker";
import { Command, Option } from "commander";
import { runBench } from "./commands/bench.ts";
import { demo, formatDemo } from "./commands/demo.ts";
import { checkHealth, formatHealth } from "./commands/doctor.ts";
import { formatIngest, ingestFiles } from "./commands/ingest.ts";
import { previewTopic } from "./commands/preview.ts";
import { formatSearch, searchPapers } from "./commands/search.ts";
import { serve } from "./commands/serve.ts";
import { formatStatus, readStatus } from "./commands/status.ts";
import { type SubscribeOptions, subscribe } from "./commands/subscribe.ts";
import { exportSubscribers, importSubscribers } from "./commands/subscribers.ts";
import { readCliConfig } from "./config.ts";
import { openRuntime, type Runtime } from "./context.ts";
import { createOutput, type Output } from "./output.ts";
import { projectVersion, TEMPLATES_DIRECTORY } from "./runtime/project-files.ts";
import { openWorker } from "./runtime/worker.ts";
import { UsageError } from "./usage-error.ts";

/** The command line; each command parses, calls one function and prints what it gives. */
export function buildProgram(): Command {
  const program = new Command("paperboy")
    .description("Research papers in your inbox: the day's trending ones, or exactly the topics you chose.")
    .version(projectVersion())
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(add --help for usage)");
  addServiceCommands(program);
  addPaperCommands(program);
  addReaderCommands(program);
  addDeliveryCommands(program);
  addBenchCommand(program);
  for (const command of walk(program)) {
    command.exitOverride();
    if (command.commands.length === 0) command.option("--json", "print one JSON object");
  }
  return program;
}

function addServiceCommands(program: Command): void {
  program
    .command("start")
    .description("run API and worker, with embedded parts for what is not configured")
    .action(() => serve(readCliConfig()));
  program
    .command("migrate")
    .description("bring the database to the newest schema")
    .action(
      withRuntime(async ({ databaseUrl }, output) =>
        output.result({ migrated: true }, `The database is up to date (${hostOf(databaseUrl)})`),
      ),
    );
  program
    .command("status")
    .description("what there is: papers, subscriptions, deliveries, sources")
    .action(
      withRuntime(async ({ store }, output) => {
        const status = await readStatus(store);
        output.result(status, formatStatus(status));
      }),
    );
  program
    .command("doctor")
    .description("check the configuration and everything it names")
    .action(
      withRuntime(async (runtime, output) => {
        const health = await checkHealth(runtime);
        output.result(health, formatHealth(health));
        if (!health.ok) process.exitCode = 1;
      }),
    );
  program
    .command("demo")
    .description("subscribe, confirm, ingest and send one digest, in a directory of its own")
    .option("--out <directory>", "where the mail is put (default: a new temporary directory)")
    .action(async (options: { out?: string; json?: boolean }) => {
      const output = createOutput(options.json ?? false);
      const shown = await demo(options.out, output);
      output.result(shown, formatDemo(shown));
    });
}

function addPaperCommands(program: Command): void {
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
    .action(
      withRuntime(async ({ store }, output, files: string[], options: { format: FileFormat }) => {
        const report = await ingestFiles(store, files, options.format, new Date(), output);
        for (const { file, at, reason } of report.refusals) output.note(`${file}: ${at}: ${reason}`);
        output.result(report, formatIngest(report));
        if (report.refused > 0) process.exitCode = 2;
      }),
    );
  program
    .command("announce")
    .description("give new papers their place in the order that digests read")
    .action(
      withRuntime(async ({ store }, output) => {
        const announced = await store.papers.announce(new Date());
        output.result({ announced }, `${announced} papers announced`);
      }),
    );
  program
    .command("search")
    .description("search the announced papers")
    .argument("<query>")
    .option("--limit <n>", "at most this many papers", "20")
    .addOption(new Option("--sort <order>").choices(["relevance", "newest"]).default("relevance"))
    .option("--before <next>", "the page after the one that gave this `next`")
    .action(
      withRuntime(async (runtime, output, query: string, { limit, sort, before }: SearchFlags) => {
        const options = {
          query,
          limit: readCount("--limit", limit),
          sort,
          ...(before !== undefined && { before }),
        };
        const found = await searchPapers(openLibrary(runtime.store), options, publicUrlOf(runtime));
        output.result(found, formatSearch(found));
      }),
    );
  program
    .command("preview")
    .description("what a topic would bring")
    .argument("<query>")
    .option("--out <file>", "write the digest of its papers as HTML")
    .action(
      withRuntime(async (runtime, output, query: string, options: { out?: string }) => {
        const renderer = () =>
          createRenderer({ templatesDir: TEMPLATES_DIRECTORY, cacheDir: runtime.data.cache });
        const preview = await previewTopic(
          runtime.store,
          { query, publicUrl: publicUrlOf(runtime), renderer, ...options },
          new Date(),
        );
        const lines = [preview.forecast, preview.warning, options.out && `written to ${options.out}`];
        output.result(preview, lines.filter(Boolean).join("\n"));
      }),
    );
}

function addReaderCommands(program: Command): void {
  const collect = (value: string, all: readonly string[]) => [...all, value];
  program
    .command("subscribe")
    .description("order a subscription; the reader is asked to confirm it")
    .argument("<email>")
    .option("--topic <[name=]query>", "a topic; may be repeated", collect, [])
    .option("--trending", "the day's trending papers too", false)
    .option("--cadence <cadence>", "daily, weekdays or weekly", "daily")
    .option("--weekday <1-7>", "for weekly: 1 Monday to 7 Sunday")
    .option("--time <hh:mm>", "local time of day", "07:00")
    .option("--timezone <zone>", "IANA time zone", "UTC")
    .option("--max-papers <n>", "the most papers a digest shows", "20")
    .option("--confirmed", "you vouch that the reader has agreed: nothing asks him again", false)
    .action(
      withRuntime(async (runtime, output, email: string, options: SubscribeOptions) => {
        const report = await subscribe(runtime.store, email, options, new Date());
        if (!options.confirmed) await sendConfirmation(runtime, report.deliveryId);
        const told = options.confirmed ? "is subscribed" : "has been asked to confirm";
        output.result(report, `${report.email} ${told}`);
      }),
    );
  program
    .command("export")
    .description("write all subscriptions, one JSON object a line")
    .addCommand(
      new Command("subscribers").option("--out <file>", "a file instead of stdout").action(
        withRuntime(async ({ store }, output, options: { out?: string }) => {
          const { lines, exported } = await exportSubscribers(store);
          if (options.out !== undefined) await writeFile(options.out, lines);
          if (options.out !== undefined || output.json)
            output.result(
              { exported, subscribers: options.out ?? lines.trim().split("\n") },
              `${exported} exported`,
            );
          else process.stdout.write(lines);
        }),
      ),
    );
  program
    .command("import")
    .description("read subscriptions as `export` writes them; the operator vouches for their consent")
    .addCommand(
      new Command("subscribers").argument("<file>").action(
        withRuntime(async ({ store }, output, file: string) => {
          const report = await importSubscribers(store, file, new Date());
          for (const { at, reason } of report.refusals) output.note(`${file}: ${at}: ${reason}`);
          output.result(
            report,
            `${report.imported} imported, ${report.known} known already, ${report.refused} refused`,
          );
          if (report.refused > 0) process.exitCode = 2;
        }),
      ),
    );
}

function addDeliveryCommands(program: Command): void {
  const now = () => new Option("--now <iso>", "as if it were this instant, e.g. 2026-11-24T07:00:00Z");
  program
    .command("plan")
    .description("plan the editions that are due")
    .addOption(now())
    .action(
      withRuntime(async ({ store }, output, options: { now?: string }) => {
        const { planned, skipped } = await plan(store, openLibrary(store), readInstant(options.now));
        output.result({ planned, skipped }, `${planned} planned, ${skipped} skipped`);
      }),
    );
  program
    .command("deliver")
    .description("send what is planned")
    .addOption(now())
    .action(
      withRuntime(async (runtime, output, options: { now?: string }) => {
        const worker = await openWorker(runtime);
        const counts = await deliverDue(worker, readInstant(options.now)).finally(() => worker.close());
        output.result(counts, describeCounts(counts));
      }),
    );
  program
    .command("run")
    .description("plan and deliver until nothing is due")
    .addOption(now())
    .action(
      withRuntime(async (runtime, output, options: { now?: string }) => {
        const worker = await openWorker(runtime);
        const outcome = await runUntilDone(worker, readInstant(options.now)).finally(() => worker.close());
        output.result(outcome, describeCounts(outcome));
      }),
    );
}

function addBenchCommand(program: Command): void {
  program
    .command("bench")
    .description("measure the service; a checkout of the project has the benchmarks")
    .argument("[name]", "start, day, match or search")
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_name, _options, command: Command) => {
      process.exitCode = runBench([...command.args, ...(command.opts().json ? ["--json"] : [])]);
    });
}

/** Opens what a command needs, runs it, and closes everything whatever happens. */
function withRuntime<Args extends unknown[]>(
  work: (runtime: Runtime, output: Output, ...args: Args) => Promise<void>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const args = given.slice(0, -1); // commander gives arguments, options, and the command itself
    const options = args.at(-1) as { json?: boolean };
    const output = createOutput(options.json ?? false);
    const runtime = await openRuntime(readCliConfig(), output.progress);
    try {
      await work(runtime, output, ...(args as Args));
    } finally {
      await runtime.close();
    }
  };
}

async function sendConfirmation(runtime: Runtime, deliveryId: string): Promise<void> {
  const worker = await openWorker(runtime);
  try {
    await deliverDue(worker, new Date(), undefined, [deliveryId]);
  } finally {
    await worker.close();
  }
}

const publicUrlOf = ({ config, service }: Runtime) =>
  config.env.PUBLIC_URL ?? service?.publicUrl ?? `http://localhost:${config.port}`;

const hostOf = (url: string) => new URL(url).host;

function readInstant(text: string | undefined): Date {
  if (text === undefined) return new Date();
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime()))
    throw new UsageError(`--now: '${text}' is not an instant such as 2026-11-24T07:00:00Z`);
  return instant;
}

function readCount(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new UsageError(`${option} is a number from 1 to 1000`);
  return value;
}

interface SearchFlags {
  readonly limit: string;
  readonly sort: "relevance" | "newest";
  readonly before?: string;
}

const describeCounts = (counts: object) =>
  Object.entries(counts)
    .map(([name, n]) => `${n} ${name}`)
    .join(", ");

function walk(command: Command): Command[] {
  return [command, ...command.commands.flatMap(walk)];
}
