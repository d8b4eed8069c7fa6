import { DELIVERY_STATUSES, type DeliveryStatus, RELAY } from "@paperboy/core";
import { openLibrary } from "@paperboy/db";
import { deliverDue, plan, readWorkerConfig, runUntilDone } from "@paperboy/worker";
import { type Command, Option } from "commander";
import { addBounceCommands } from "./bounce-commands.ts";
import { formatStream } from "./commands/status.ts";
import type { Output } from "./output.ts";
import { openWorker } from "./runtime/worker.ts";
import { UsageError } from "./usage-error.ts";
import { describeCounts, readInstant, withRuntime } from "./with-runtime.ts";

/** Commands that make and send the day's digests. */
export function addDeliveryCommands(program: Command): void {
  const now = () => new Option("--now <iso>", "as if it were this instant, e.g. 2026-11-24T07:00:00Z");
  program
    .command("plan")
    .description("plan the editions that are due")
    .addOption(now())
    .action(
      withRuntime(async (runtime, output, options: { now?: string }) => {
        const { store } = runtime;
        const { maxLatenessMs } = readWorkerConfig(runtime.env(0));
        const at = readInstant(options.now);
        const { planned, skipped } = await plan(store, openLibrary(store), at, { maxLatenessMs });
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
        sayWhatHoldsUp(counts, output);
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
        sayWhatHoldsUp(outcome, output);
      }),
    );
  addSendingCommands(program);
  addDeliveryListing(program);
  addBounceCommands(program);
}

/** Mails that wait for something an operator can mend end the command with 1. */
function sayWhatHoldsUp({ heldUp }: { readonly heldUp: string | null }, output: Output): void {
  if (heldUp === null) return;
  output.note(`sending is held up: ${heldUp}`);
  process.exitCode = 1;
}

function addSendingCommands(program: Command): void {
  const sending = program.command("sending").description("what holds mails up, or slows them down");
  sending
    .command("list")
    .description("the relay and destinations that are paused or slowed down, and why")
    .action(
      withRuntime(async ({ store }, output) => {
        const streams = await store.streams.list(new Date());
        output.result({ streams }, streams.map(formatStream).join("\n") || "nothing holds mails up");
      }),
    );
  sending
    .command("resume")
    .description("go on at once, at full speed, when what was wrong has been mended")
    .argument("[domain]", "a destination; the relay when absent")
    .action(
      withRuntime(async ({ store }, output, domain: string | undefined) => {
        const key = domain?.toLowerCase() ?? RELAY;
        const held = await store.streams.resume(key);
        const name = key === RELAY ? "the relay" : key;
        output.result(
          { key, resumed: held },
          held ? `mails go out to ${name} again` : `nothing held ${name} up`,
        );
      }),
    );
}

function addDeliveryListing(program: Command): void {
  const deliveries = program.command("deliveries").description("mails and what became of them");
  deliveries
    .command("list")
    .description("the newest, of one state or of all")
    .addOption(new Option("--status <status>", "only these").choices(DELIVERY_STATUSES))
    .option("--limit <n>", "at most this many", "50")
    .action(
      withRuntime(
        async ({ store }, output, { status, limit }: { status?: DeliveryStatus; limit: string }) => {
          const list = await store.deliveries.list({ status, limit: Math.min(1_000, Number(limit) || 50) });
          const lines = list.map(
            (each) =>
              `${each.id}  ${each.status}  ${each.kind} ${each.kind === "digest" ? each.edition : ""}  ${each.email}  ${each.response ?? ""}`,
          );
          output.result({ deliveries: list }, lines.join("\n") || "none");
        },
      ),
    );
  deliveries
    .command("settle")
    .description("say what became of a mail that may have gone out, or of all of them")
    .argument("[id]")
    .option("--all", "every delivery in the state unknown", false)
    .addOption(
      new Option("--as <what>", "submitted: it went out; pending: send it again")
        .choices(["submitted", "pending"])
        .makeOptionMandatory(),
    )
    .action(
      withRuntime(async ({ store }, output, id: string | undefined, { as, all }: SettleFlags) => {
        if ((id === undefined) !== all) throw new UsageError("give the id of one delivery, or --all");
        const settled = await store.deliveries.settle(id ?? "all", as, new Date());
        if (id !== undefined && settled === 0) {
          throw new UsageError(`there is no delivery ${id} in the state unknown`);
        }
        output.result({ settled, status: as }, `${settled} settled: ${as}`);
      }),
    );
}

interface SettleFlags {
  readonly as: "submitted" | "pending";
  readonly all: boolean;
}
