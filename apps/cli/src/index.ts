import { CommanderError } from "commander";
import { placesOfFailure } from "./config.ts";
import { explain } from "./explain.ts";
import { buildProgram } from "./program.ts";

/** Runs one command; sets the exit code and leaves the process to end by itself. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const program = await buildProgram(args);
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2; // commander has printed it
      return;
    }
    const { lines, exitCode } = explain(error, placesOfFailure());
    for (const line of lines) process.stderr.write(`paperboy: ${line}\n`);
    process.exitCode = exitCode;
  }
}
