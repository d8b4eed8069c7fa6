import type { ZodError, z } from "zod";
import type { FieldError } from "./problem.ts";

type Issue = ZodError["issues"][number];

/** The fields a schema refused, each by its path, with a message that says what is wanted. */
export function fieldErrors(error: ZodError): FieldError[] {
  return error.issues.flatMap(unfold);
}

/** An unknown field is named by itself, not by the object it stands in. */
function unfold(issue: Issue): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: fieldPath([...issue.path, key]),
      message: "is not a field that is known here",
    }));
  }
  const details = issue.code === "custom" ? (issue.params ?? {}) : {};
  return [{ field: fieldPath(issue.path), message: messageOf(issue), ...details }];
}

function messageOf(issue: Issue): string {
  const missing =
    issue.code === "invalid_type" && issue.input === undefined && / undefined$/.test(issue.message);
  return missing ? "is missing" : issue.message;
}

/** `["topics", 0, "query"]` → `topics[0].query` */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

/** The first message of each field, for a form to show beside it. */
export function messagesByField(errors: readonly FieldError[]): Readonly<Record<string, FieldError>> {
  return Object.fromEntries([...errors].reverse().map((error) => [error.field, error]));
}

export type Schema = z.ZodType;
