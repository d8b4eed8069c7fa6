import { parseAddress } from "@paperboy/core";
import { Command } from "commander";
import { exportSubscribers } from "./commands/export-subscribers.ts";
import { type ImportReport, importSubscribers } from "./commands/import-subscribers.ts";
import { type SubscribeOptions, subscribe } from "./commands/subscribe.ts";
import { requireFitToSend } from "./config.ts";
import type { Runtime } from "./context.ts";
import { requirePlace, writeOut } from "./runtime/write-out.ts";
import { UsageError } from "./usage-error.ts";
import { withRuntime } from "./with-runtime.ts";

/** Commands about readers and what they ordered. */
export function addReaderCommands(program: Command): void {
  const collect = (value: string, all: readonly string[]) => [...all, value];
  program
    .command("subscribe")
    .description("order a subscription; the reader is asked to confirm it")
    .argument("<email>")
    .option("--topic <[name=]query>", "a topic; may be repeated", collect, [])
    .option("--trending", "the day's trending papers too", false)
    .option("--for-you", "papers like those the reader marks, too", false)
    .option("--replacements", "new versions of papers that match, too", false)
    .option("--note-when-empty", "a short note on days without anything new", false)
    .option("--cadence <cadence>", "daily, weekdays or weekly", "daily")
    .option("--weekday <1-7>", "for weekly: 1 Monday to 7 Sunday")
    .option("--time <hh:mm>", "local time of day", "07:00")
    .option("--timezone <zone>", "IANA time zone", "UTC")
    .option("--max-papers <n>", "the most papers a digest shows", "20")
    .option("--confirmed", "you vouch that the reader has agreed: they are not asked again", false)
    .action(
      withRuntime(async (runtime, output, email: string, options: SubscribeOptions) => {
        if (!options.confirmed) await requireFitToSend(runtime.config); // or the row would stay, and nobody asked
        const report = await subscribe(runtime.store, email, options, new Date());
        if (!options.confirmed && report.deliveryId) await sendConfirmation(runtime, report.deliveryId);
        const told = options.confirmed ? "is subscribed" : "has been asked to confirm";
        output.result(report, `${report.email} ${told}`);
      }),
    );
  program
    .command("why")
    .description("the story of a reader's edition: due, planned of what, claimed, answered, come back")
    .argument("<email>")
    .option(
      "--date <date>",
      "the edition's local date, e.g. 2026-11-24; the newest that was planned when absent",
    )
    .action(
      withRuntime(async ({ store }, output, email: string, { date }: { date?: string }) => {
        const { explainReader, formatStory } = await import("./commands/why.ts");
        const story = await explainReader(store, email, date, new Date());
        output.result(story, formatStory(story));
      }),
    );
  addPrivacyCommands(program);
  program
    .command("export")
    .description("write all subscriptions, one JSON object a line")
    .addCommand(
      new Command("subscribers").option("--out <file>", "a file instead of stdout").action(
        withRuntime(async ({ store }, output, options: { out?: string }) => {
          if (options.out !== undefined) requirePlace(options.out);
          const { lines, exported } = await exportSubscribers(store);
          if (options.out !== undefined) await writeOut(options.out, lines);
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
          const report = await importSubscribers(store, file, new Date(), output.progress);
          for (const { at, reason } of report.refusals) output.note(`${file}: ${at}: ${reason}`);
          output.result(report, formatImport(report));
          if (report.refused > 0) process.exitCode = 2;
        }),
      ),
    );
}

const formatImport = ({ imported, known, stopped, pending, suppressed, refused }: ImportReport): string =>
  [
    `${imported} imported`,
    `${known} known already`,
    stopped > 0 && `${stopped} who want nothing any more kept as such`,
    pending > 0 && `${pending} who have not agreed left out`,
    suppressed > 0 && `${suppressed} to whom nothing may be mailed left out`,
    `${refused} refused`,
  ]
    .filter(Boolean)
    .join(", ");

/** What a reader may ask of the operator: everything that is kept, or to be forgotten. */
function addPrivacyCommands(program: Command): void {
  const reader = program.command("reader").description("what is kept about one reader");
  const idOf = async ({ store }: Runtime, email: string): Promise<string> => {
    const address = parseAddress(email);
    if (!address.ok) throw new UsageError(`${email}: ${address.reason}`);
    const id = await store.subscriptions.findByAddress(address.address);
    if (id === null) throw new UsageError(`nothing is kept about ${address.address}`);
    return id;
  };
  reader
    .command("export")
    .description("everything that is kept about an address, as JSON")
    .argument("<email>")
    .action(
      withRuntime(async (runtime, output, email: string) => {
        const about = await runtime.store.subscriptions.exportReader(await idOf(runtime, email));
        output.result(about ?? {}, JSON.stringify(about, null, 2));
      }),
    );
  reader
    .command("erase")
    .description("forget an address; that nothing may be mailed to it stays, as a hash")
    .argument("<email>")
    .action(
      withRuntime(async (runtime, output, email: string) => {
        const addresses = await runtime.store.subscriptions.erase(await idOf(runtime, email));
        const { openMailbox } = await import("@paperboy/mail");
        const inbox = openMailbox(runtime.data.inbox);
        for (const address of addresses ?? []) await inbox.erase(address);
        output.result({ erased: true }, "erased");
      }),
    );
}

async function sendConfirmation(runtime: Runtime, deliveryId: string): Promise<void> {
  const [{ deliverDue }, { openWorker }] = await Promise.all([
    import("@paperboy/worker"),
    import("./runtime/worker.ts"),
  ]);
  const worker = await openWorker(runtime);
  try {
    await deliverDue(worker, new Date(), undefined, [deliveryId]);
  } finally {
    await worker.close();
  }
}
