import { DELIVERY_STATUSES, type DeliveryStatus } from "@paperboy/core";
import { openLibrary } from "@paperboy/db";
import { deliverDue, plan, runUntilDone } from "@paperboy/worker";
import { type Command, Option } from "commander";
import { addBounceCommands } from "./bounce-commands.ts";
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
  addDeliveryListing(program);
  addBounceCommands(program);
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
    .description("say what became of a mail that may have gone out")
    .argument("<id>")
    .addOption(
      new Option("--as <what>", "submitted: it went out; pending: send it again")
        .choices(["submitted", "pending"])
        .makeOptionMandatory(),
    )
    .action(
      withRuntime(async ({ store }, output, id: string, { as }: { as: "submitted" | "pending" }) => {
        const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
        if (!isId || !(await store.deliveries.settle(id, as))) {
          throw new UsageError(`there is no delivery ${id} in the state unknown`);
        }
        output.result({ id, status: as }, `${id} is ${as}`);
      }),
    );
}
