import type { FieldError } from "@paperboy/core";

/** The first message of each field, for a form to show beside it. */
export function messagesByField(errors: readonly FieldError[]): Readonly<Record<string, FieldError>> {
  return Object.fromEntries([...errors].reverse().map((error) => [error.field, error]));
}
