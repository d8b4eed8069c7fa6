import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { explainFailure } from "@paperboy/core";
import { UsageError } from "../usage-error.ts";

/**
 * Looks whether the file of `--out` can be written, before the work is done for it.
 *
 * @throws UsageError when its folder is missing, or it is itself a folder.
 */
export function requirePlace(file: string): void {
  const folder = dirname(file);
  const above = statSync(folder, { throwIfNoEntry: false });
  if (above === undefined) throw new UsageError(`--out: ${file}: there is no such folder as ${folder}`);
  if (!above.isDirectory()) throw new UsageError(`--out: ${file}: ${folder} is not a folder`);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--out: ${file} is a folder; name a file`);
}

/** Writes the file of `--out`. Throws UsageError, in one line, when that fails. */
export async function writeOut(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause) => {
    throw new UsageError(`--out: ${file}: ${reasonOf(cause, file)}`, { cause });
  });
}

function reasonOf(cause: Error, file: string): string {
  const says = explainFailure(cause) ?? cause.message;
  return says.startsWith(`${file}: `) ? says.slice(file.length + 2) : says;
}
