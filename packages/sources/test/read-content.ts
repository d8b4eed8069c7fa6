import { type FileContent, type FileFormat, readPapers } from "../src/index.ts";

export const now = new Date("2026-05-01T12:00:00Z");

export async function read(format: FileFormat, content: FileContent) {
  const drafts = [];
  const refusals = [];
  for await (const { draft, refusal } of readPapers(format, content, { now })) {
    if (draft) drafts.push(draft);
    else refusals.push(`${refusal.at}: ${refusal.reason}`);
  }
  return { drafts, refusals };
}
