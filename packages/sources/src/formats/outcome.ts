import { createHash } from "node:crypto";
import {
  checkDraft,
  cleanRefusal,
  normaliseDraft,
  type PaperDraft,
  type Refusal,
  TITLE_ID,
  titleKey,
} from "@paperboy/core";

/** What one record of a file became: a normalised draft and where it stood, or the reason why not. */
export type ReadRecord =
  | { readonly at: string; readonly draft: PaperDraft; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly draft?: undefined };

/** The whole file is not what it was said to be; `message` is one line that says what it is instead. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

export const refused = (at: string, reason: string): ReadRecord => ({
  refusal: cleanRefusal({ at, reason }),
});

/** Normalises a draft and lets it pass when it can become a paper. */
export function accepted(at: string, draft: PaperDraft): ReadRecord {
  const clean = normaliseDraft(draft);
  const reason = checkDraft(clean);
  return reason ? refused(at, reason) : { at, draft: clean };
}

/** Says in one line what a value is, for errors: `an object with "error"`, `a number`. */
export function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value !== "object") return value === undefined ? "nothing" : `a ${typeof value}`;
  const keys = Object.keys(value).slice(0, 3);
  return keys.length === 0
    ? "an empty object"
    : `an object with ${keys.map((key) => JSON.stringify(key)).join(", ")}`;
}

/** An id for a paper whose source gave none: the same title and first author give the same id. */
export const idFromTitle = (title: string, authors: readonly string[] = []): string =>
  `${TITLE_ID}${createHash("sha256").update(titleKey(title, authors)).digest("hex").slice(0, 24)}`;

/** A page that says what had to be forgiven to read it, when something had to. */
export function forgiving<Page extends object>(
  page: Page,
  ...reasons: readonly (string | null)[]
): Page & { readonly forgiven?: string } {
  const forgiven = reasons.filter((reason) => reason !== null).join("; ");
  return forgiven === "" ? page : { ...page, forgiven };
}
