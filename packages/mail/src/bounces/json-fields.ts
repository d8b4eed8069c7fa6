import { jsonDepth } from "@paperboy/core";

/** A JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** A text field, or the empty string. */
export function textOf(object: JsonObject | null, name: string): string {
  const value = object?.[name];
  return typeof value === "string" ? value : "";
}

/** An instant in a text field, ISO 8601; null when there is none. */
export function instantOf(object: JsonObject | null, name: string): Date | null {
  const at = new Date(textOf(object, name));
  return Number.isNaN(at.getTime()) ? null : at;
}

/** The objects in a list field; anything else in it is passed over. */
export function objectsOf(object: JsonObject | null, name: string): JsonObject[] {
  const value = object?.[name];
  return Array.isArray(value) ? value.map(asObject).filter((entry) => entry !== null) : [];
}

/** A notification of a mail with many headers, and how deeply it is nested. */
const MAX_LENGTH = 512 * 1024;
const MAX_DEPTH = 16;

/** Parses text that ought to hold an object; null when it does not, or is larger or nested deeper than any we know. */
export function parseObject(text: string): JsonObject | null {
  if (text.length > MAX_LENGTH || jsonDepth(text, MAX_DEPTH) > MAX_DEPTH) return null;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
