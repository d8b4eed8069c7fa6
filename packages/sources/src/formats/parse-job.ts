import { readOaiPage } from "./arxiv-oai.ts";
import { type FeedFormat, readFeedPage } from "./feed.ts";
import { parseHfAnswer } from "./hf.ts";
import type { ReadRecord } from "./outcome.ts";

/** An answer of a stranger's server, and what it is read as. */
export type ParseJob = { readonly bytes: Uint8Array; readonly now: Date } & (
  | { readonly kind: "feed"; readonly format: FeedFormat; readonly contentType: string }
  | { readonly kind: "oai"; readonly contentType: string }
  | { readonly kind: "hf"; readonly day: string }
);

/** What an answer holds: its records, and whatever else it says. */
export interface Parsed {
  readonly records: readonly ReadRecord[];
  readonly page: Readonly<Record<string, unknown>>;
}

/** @throws {FormatError} */
export function parse(job: ParseJob): Parsed {
  switch (job.kind) {
    case "feed": {
      const { records, ...page } = readFeedPage(job.bytes, job.format, job.now, job.contentType);
      return { records, page };
    }
    case "oai": {
      const { records, ...page } = readOaiPage(job.bytes, job.now, job.contentType);
      return { records, page };
    }
    case "hf":
      return { records: parseHfAnswer(job.bytes, job.now, job.day), page: {} };
    default:
      return job satisfies never;
  }
}

/** What the thread that parses says. */
export type FromThread =
  | { readonly page: Readonly<Record<string, unknown>> }
  | { readonly records: readonly ReadRecord[]; readonly isLast: boolean }
  | { readonly refused: string }
  | { readonly crashed: string };

/** What it is asked for: to parse an answer, then for its records, portion by portion. */
export type ToThread = { readonly job: ParseJob } | { readonly more: true };
