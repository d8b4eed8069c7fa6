import { openLibrary } from "@paperboy/db";
import { deliverDue, plan, runUntilDone } from "@paperboy/worker";
import { type Command, Option } from "commander";
import { openWorker } from "./runtime/worker.ts";
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
}
