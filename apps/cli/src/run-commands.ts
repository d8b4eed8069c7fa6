import { openLibrary } from "@paperboy/db";
import { deliverDue, markSent, planDue, readWorkerConfig, runUntilDone } from "@paperboy/worker";
import { type Command, Option } from "commander";
import type { Output } from "./output.ts";
import { retireSample } from "./runtime/sample.ts";
import { commandTelemetry, openWorker } from "./runtime/worker.ts";
import { UsageError } from "./usage-error.ts";
import { describeCounts, readInstant, withRuntime } from "./with-runtime.ts";

/** Commands that make and send the day's digests. */
export function addRunCommands(program: Command): void {
  const now = () => new Option("--now <iso>", "as if it were this instant, e.g. 2026-11-24T07:00:00Z");
  program
    .command("plan")
    .description("plan the editions that are due")
    .addOption(now())
    .action(
      withRuntime(async (runtime, output, options: { now?: string }) => {
        const { store } = runtime;
        await retireSample(runtime, output.note);
        const config = readWorkerConfig(runtime.env(0));
        const context = { store, library: openLibrary(store), config, telemetry: commandTelemetry(runtime) };
        const { planned, skipped } = await planDue(context, readInstant(options.now));
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
        notePause(counts, output);
      }),
    );
  program
    .command("run")
    .description("plan and deliver until nothing is due")
    .addOption(now())
    .action(
      withRuntime(async (runtime, output, options: { now?: string }) => {
        const worker = await openWorker(runtime);
        await retireSample(runtime, output.note);
        const outcome = await runUntilDone(worker, readInstant(options.now)).finally(() => worker.close());
        output.result(outcome, describeCounts(outcome));
        notePause(outcome, output);
      }),
    );
  addRestoreCommand(program);
}

function addRestoreCommand(program: Command): void {
  program
    .command("restore")
    .description("after a backup was restored: say what had gone out, so that it is not mailed again")
    .requiredOption(
      "--sent-until <iso>",
      "all that was due up to this instant went out, e.g. 2026-11-24T07:20:00Z",
    )
    .action(
      withRuntime(async (runtime, output, { sentUntil }: { sentUntil: string }) => {
        const { store } = runtime;
        const until = readInstant(sentUntil, "--sent-until");
        const now = new Date();
        if (until > now) throw new UsageError(`--sent-until: ${sentUntil} is still to come`);
        const config = readWorkerConfig(runtime.env(0));
        const { planned, marked } = await markSent(
          { store, library: openLibrary(store), config, telemetry: commandTelemetry(runtime) },
          until,
          now,
        );
        output.result(
          { planned, marked },
          `${marked} mails count as gone out, ${planned} of them planned just now`,
        );
      }),
    );
}

/** Mails that wait for something an operator can repair end the command with 1. */
function notePause({ heldUp }: { readonly heldUp: string | null }, output: Output): void {
  if (heldUp === null) return;
  output.note(`sending is paused: ${heldUp}`);
  process.exitCode = 1;
}
