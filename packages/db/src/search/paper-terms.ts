import type { PaperRecord } from "@paperboy/core";

/** Placeholder literal until the analyzer's tokens are stored. */
export function paperTerms(_paper: Pick<PaperRecord, "title">): string {
  return "";
}
