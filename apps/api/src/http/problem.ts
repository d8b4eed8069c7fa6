import { STATUS_CODES } from "node:http";
import type { FieldError } from "@paperboy/core";

export interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal of a request, as HTTP tells it: `detail` is one sentence for the person who reads it. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.status = status;
    this.errors = extras.errors ?? [];
    this.headers = extras.headers ?? {};
  }

  get title(): string {
    return STATUS_CODES[this.status] ?? "Error";
  }

  /** The body of an `application/problem+json` answer (RFC 9457). */
  toJSON(instance: string) {
    const { title, status, message: detail, errors } = this;
    return { type: "about:blank", title, status, detail, instance, ...(errors.length > 0 && { errors }) };
  }
}
