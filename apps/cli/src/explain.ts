import { explainFailure, type Places } from "@paperboy/core";

/** Errors that are about what was typed. */
const USAGE: ReadonlySet<string> = new Set([
  "UsageError",
  "SourceSettingsError",
  "QuerySyntaxError",
  "InvalidCursor",
  "NothingToReconcile",
  "QueryTooBroad",
  "TooManyMarks",
]);
/** Errors that are about where the command runs: its settings, files and servers. */
const CIRCUMSTANCES: ReadonlySet<string> = new Set([
  "SettingError",
  "ListenError",
  "TemplateError",
  "DkimError",
  "DatabaseUnavailable",
  "QueueUnavailable",
  "FileError",
  "SearchBusy",
  "SearchTooSlow",
]);

/**
 * What a person is told of an error: one clear line where we know it, be it ours or that of a server or a disk, the stack
 * where we do not. Errors are known by their names, for to know their classes every package would have to be loaded, whatever the command needs.
 */
export function explain(
  error: unknown,
  places?: Places,
): { readonly lines: readonly string[]; readonly exitCode: number } {
  if (!(error instanceof Error)) return { lines: [String(error)], exitCode: 1 };
  if (USAGE.has(error.name)) return { lines: [error.message], exitCode: 2 };
  if (CIRCUMSTANCES.has(error.name)) return { lines: [error.message], exitCode: 1 };
  const outside = explainFailure(error, places);
  return { lines: [outside ?? error.stack ?? error.message], exitCode: 1 };
}
