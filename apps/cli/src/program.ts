import { settingWarnings } from "@paperboy/core";
import { Command } from "commander";
import { givenEnvironment } from "./config.ts";
import { projectVersion } from "./runtime/project-files.ts";

interface Group {
  /** The first words of its commands. */
  readonly names: readonly string[];
  load(): Promise<(program: Command) => void>;
}

const GROUPS: readonly Group[] = [
  {
    names: ["start", "migrate", "status", "doctor", "demo", "bench"],
    load: async () => (await import("./service-commands.ts")).addServiceCommands,
  },
  {
    names: ["ingest"],
    load: async () => (await import("./ingest-commands.ts")).addIngestCommands,
  },
  {
    names: ["announce", "search", "preview"],
    load: async () => (await import("./paper-commands.ts")).addPaperCommands,
  },
  {
    names: ["sample"],
    load: async () => (await import("./sample-commands.ts")).addSampleCommands,
  },
  {
    names: ["source", "merges"],
    load: async () => (await import("./source-commands.ts")).addSourceCommands,
  },
  {
    names: ["subscribe", "why", "reader", "export", "import"],
    load: async () => (await import("./reader-commands.ts")).addReaderCommands,
  },
  {
    names: ["plan", "deliver", "run", "restore"],
    load: async () => (await import("./run-commands.ts")).addRunCommands,
  },
  {
    names: ["sending", "deliveries"],
    load: async () => (await import("./delivery-commands.ts")).addDeliveryCommands,
  },
  {
    names: ["bounces"],
    load: async () => (await import("./bounce-commands.ts")).addBounceCommands,
  },
  {
    names: ["dkim"],
    load: async () => (await import("./dkim-commands.ts")).addDkimCommands,
  },
];

/**
 * The command line for these arguments; each command parses, calls one function and prints what it gives. Of the
 * command that is asked for only its group is loaded, since loading everything takes a second; anything else, such
 * as `--help` or a word that is no command, needs them all.
 */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command("paperboy")
    .description("Research papers in your inbox: the day's trending ones, or exactly the topics you chose.")
    .version(projectVersion())
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .hook("preAction", warnOfUnknownSettings)
    .showHelpAfterError("(add --help for usage)");
  const asked = GROUPS.filter(({ names }) => names.includes(args[0] ?? ""));
  for (const { load } of asked.length > 0 ? asked : GROUPS) (await load())(program);
  for (const command of walk(program)) {
    command.exitOverride();
    if (command.commands.length === 0) command.option("--json", "print one JSON object");
  }
  return program;
}

function warnOfUnknownSettings(): void {
  for (const line of settingWarnings(givenEnvironment())) process.stderr.write(`paperboy: ${line}\n`);
}

function walk(command: Command): Command[] {
  return [command, ...command.commands.flatMap(walk)];
}
