import { readCliConfig } from "./config.ts";
import type { Runtime, Upgrading } from "./context.ts";
import { createOutput, endProgress, type Output } from "./output.ts";
import { UsageError } from "./usage-error.ts";

/** Opens what a command needs, runs it, and closes everything whatever happens. */
export function withRuntime<Args extends unknown[]>(
  work: (runtime: Runtime, output: Output, ...args: Args) => Promise<void>,
  upgrading: Upgrading = "data",
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const args = given.slice(0, -1); // commander gives arguments, options, and the command itself
    const options = args.at(-1) as { json?: boolean };
    const output = createOutput(options.json ?? false);
    const config = readCliConfig();
    const { openRuntime } = await import("./context.ts");
    const runtime = await openRuntime(config, output.progress, upgrading);
    try {
      await work(runtime, output, ...(args as Args));
    } finally {
      endProgress();
      await runtime.close();
    }
  };
}

/** An instant of an option, now when absent. */
export function readInstant(text: string | undefined, option = "--now"): Date {
  if (text === undefined) return new Date();
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime()))
    throw new UsageError(`${option}: '${text}' is not an instant such as 2026-11-24T07:00:00Z`);
  return instant;
}

/** `3 planned, 2 submitted`; what is no number is left out. */
export const describeCounts = (counts: object) =>
  Object.entries(counts)
    .filter(([, n]) => typeof n === "number")
    .map(([name, n]) => `${n} ${name}`)
    .join(", ");
