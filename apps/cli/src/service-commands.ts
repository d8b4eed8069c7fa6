import { type Command, Option } from "commander";
import { formatStatus, readStatus } from "./commands/status.ts";
import { readCliConfig } from "./config.ts";
import { createOutput } from "./output.ts";
import { UsageError } from "./usage-error.ts";
import { withRuntime } from "./with-runtime.ts";

/** Commands about the service itself. */
export function addServiceCommands(program: Command): void {
  program
    .command("start")
    .description("run API and worker, with embedded parts for what is not configured")
    .addOption(new Option("--api", "the API and pages alone; workers run elsewhere").conflicts("worker"))
    .addOption(new Option("--worker", "a worker alone: reads sources, plans, sends"))
    .action(async ({ api, worker }: { api?: boolean; worker?: boolean }) => {
      const config = readCliConfig();
      const role = api ? "api" : worker ? "worker" : config.role;
      await (await import("./commands/serve.ts")).serve({ ...config, role });
    });
  program
    .command("migrate")
    .description("bring the database to the newest schema")
    .action(
      withRuntime(
        async ({ databaseUrl }, output) =>
          output.result({ migrated: true }, `The database is up to date (${hostOf(databaseUrl)})`),
        "schema",
      ),
    );
  program
    .command("status")
    .description("what there is: papers, subscriptions, deliveries, sources")
    .action(
      withRuntime(async ({ store }, output) => {
        const status = await readStatus(store, new Date());
        output.result(status, formatStatus(status));
      }, "nothing"),
    );
  program
    .command("doctor")
    .description("check the configuration and everything it names, and what mailbox providers look at")
    .option("--send-to <address>", "also send one test mail there")
    .action(async ({ sendTo, json }: { sendTo?: string; json?: boolean }) => {
      const { checkHealth, formatHealth } = await import("./commands/doctor.ts");
      const output = createOutput(json ?? false);
      const health = await checkHealth(readCliConfig(), output.progress, await readRecipient(sendTo));
      output.result(health, formatHealth(health));
      if (!health.ok) process.exitCode = 1;
    });
  program
    .command("demo")
    .description("subscribe, confirm, ingest and send one digest, in a directory of its own")
    .option("--out <directory>", "where the mail is put (default: a new temporary directory)")
    .action(async (options: { out?: string; json?: boolean }) => {
      const { demo, formatDemo } = await import("./commands/demo.ts");
      const output = createOutput(options.json ?? false);
      const shown = await demo(options.out, output);
      output.result(shown, formatDemo(shown));
    });
  addBenchCommand(program);
}

async function readRecipient(address: string | undefined): Promise<string | undefined> {
  if (address === undefined) return undefined;
  const { parseAddress } = await import("@paperboy/core");
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
    .action(async (_name, _options, command: Command) => {
      const { runBench } = await import("./commands/bench.ts");
      process.exitCode = runBench([...command.args, ...(command.opts().json ? ["--json"] : [])]);
    });
}

const hostOf = (url: string) => new URL(url).host;
