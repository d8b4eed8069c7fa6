import express, { type Request, type RequestHandler } from "express";
import { refuseDeepJson } from "./json-nesting.ts";
import { Problem } from "./problem.ts";

const LIMIT = "64kb";

/** A posted form: every field with all its values, in order. */
export type FormFields = ReadonlyMap<string, readonly string[]>;

/**
 * Reads forms: urlencoded, multipart (RFC 7578; files in them are ignored), or a JSON object for programs. A body
 * of another kind is empty.
 */
export const parseForm: readonly RequestHandler[] = [
  express.json({ limit: LIMIT, verify: refuseDeepJson }),
  express.urlencoded({ extended: false, limit: LIMIT, parameterLimit: 500 }),
  express.raw({ type: "multipart/form-data", limit: LIMIT }),
];

/** The fields of the form that `parseForm` has read. */
export async function formFields(req: Request): Promise<FormFields> {
  if (Buffer.isBuffer(req.body)) return multipartFields(req.body, req.get("content-type") ?? "");
  const body = Object.entries((req.body ?? {}) as Record<string, unknown>);
  return new Map(
    body.map(([name, value]) => [name, [value].flat().filter((each) => typeof each === "string")]),
  );
}

async function multipartFields(body: Buffer, type: string): Promise<FormFields> {
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } })
    .formData()
    .catch(() => {
      throw new Problem(400, "The multipart form cannot be read.");
    });
  const fields = new Map<string, string[]>();
  for (const [name, value] of form) {
    if (typeof value === "string") fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  return fields;
}

/** The only, or first, value of a field, without white space around it; empty when absent. */
export function field(fields: FormFields, name: string): string {
  return fields.get(name)?.[0]?.trim() ?? "";
}
