import { ApiConfigError, ListenError } from "@paperboy/api";
import { QuerySyntaxError } from "@paperboy/core";
import { DatabaseUnavailable, InvalidCursor } from "@paperboy/db";
import { TemplateError } from "@paperboy/mail";
import { QueueUnavailable } from "@paperboy/queue";
import { FileError, SourceSettingsError } from "@paperboy/sources";
import { ConfigError } from "@paperboy/worker";
import { SettingError } from "./config.ts";
import { UsageError } from "./usage-error.ts";

/** What a person is told of an error: one clear line where we know it, the stack where we do not. */
export function explain(error: unknown): { readonly lines: readonly string[]; readonly exitCode: number } {
  if (
    error instanceof UsageError ||
    error instanceof SourceSettingsError ||
    error instanceof QuerySyntaxError ||
    error instanceof InvalidCursor
  )
    return { lines: [error.message], exitCode: 2 };
  const expected = [
    SettingError,
    ConfigError,
    ApiConfigError,
    ListenError,
    TemplateError,
    DatabaseUnavailable,
    QueueUnavailable,
    FileError,
  ];
  if (error instanceof Error && expected.some((kind) => error instanceof kind)) {
    return { lines: [(error as Error).message], exitCode: 1 };
  }
  return { lines: [error instanceof Error ? (error.stack ?? error.message) : String(error)], exitCode: 1 };
}
