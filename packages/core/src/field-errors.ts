import type { ZodError } from "zod";

/** One field of an input that was refused; a query's error also says where in the text. */
export interface FieldError {
  /** Path of the field, e.g. `topics[0].query`; empty for the input as a whole. */
  readonly field: string;
  readonly message: string;
  readonly column?: number;
  readonly found?: string;
  readonly expected?: unknown;
  readonly suggestion?: string;
  /** A query as a phrase in quotes, which can be searched for. */
  readonly quoted?: string;
}

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
