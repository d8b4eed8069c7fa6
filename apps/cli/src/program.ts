import { parseAddress } from "@paperboy/core";
import { Command } from "commander";
import { runBench } from "./commands/bench.ts";
import { demo, formatDemo } from "./commands/demo.ts";
import { checkHealth, formatHealth } from "./commands/doctor.ts";
import { serve } from "./commands/serve.ts";
import { formatStatus, readStatus } from "./commands/status.ts";
import { readCliConfig } from "./config.ts";
import { addDeliveryCommands } from "./delivery-commands.ts";
import { addDkimCommands } from "./dkim-commands.ts";
import { createOutput } from "./output.ts";
import { addPaperCommands } from "./paper-commands.ts";
import { addReaderCommands } from "./reader-commands.ts";
import { projectVersion } from "./runtime/project-files.ts";
import { addSourceCommands } from "./source-commands.ts";
import { UsageError } from "./usage-error.ts";
import { withRuntime } from "./with-runtime.ts";

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
  addSourceCommands(program);
  addReaderCommands(program);
  addDeliveryCommands(program);
  addDkimCommands(program);
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
        const status = await readStatus(store, new Date());
        output.result(status, formatStatus(status));
      }),
    );
  program
    .command("doctor")
    .description("check the configuration and everything it names, and what mailbox providers look at")
    .option("--send-to <address>", "also send one test mail there")
    .action(
      withRuntime(async (runtime, output, { sendTo }: { sendTo?: string }) => {
        const health = await checkHealth(runtime, readRecipient(sendTo));
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

function readRecipient(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const parsed = parseAddress(address);
  if (!parsed.ok) throw new UsageError(`--send-to: '${address}' is not an address: ${parsed.reason}`);
  return parsed.address;
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

const hostOf = (url: string) => new URL(url).host;

function walk(command: Command): Command[] {
  return [command, ...command.commands.flatMap(walk)];
}
