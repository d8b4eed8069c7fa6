import { DAY_MS } from "@paperboy/core";
import type { ArxivHosts } from "../arxiv/policy.ts";
import type { ReadRecord } from "../formats/outcome.ts";
import type { Fetcher } from "../http/fetcher.ts";
import type { FetchOutcome, FetchRequest } from "../http/outcome.ts";

/** What the next request is sent with, so that it is answered only when something has changed. */
export interface Validators {
  readonly etag?: string | null;
  readonly lastModified?: string | null;
}

/** The validators that are there. */
export const validatorsOf = ({ etag, lastModified }: Validators = {}): Validators => ({
  ...(etag != null && { etag }),
  ...(lastModified != null && { lastModified }),
});

/** What one run is about, instead of what is new since the last one. */
export interface ReadSpan {
  /** A day of Hugging Face's daily papers, ISO 8601. */
  readonly date?: string | undefined;
  /** An ISO 8601 week of them, such as `2026-W12`. */
  readonly week?: string | undefined;
  /** Days back, of a search of the arXiv API. */
  readonly days?: number | undefined;
}

/** What a source has to remember between runs; kept after the page it came with is stored. */
export interface SourceCursor extends Validators {
  /** Those of several answers, by what was asked for. */
  readonly pages?: Readonly<Record<string, Validators>>;
  /** Everything before this day (UTC) has been read. */
  readonly since?: string;
  /** Where an OAI-PMH harvest resumes. */
  readonly token?: string | null;
}

/** What reading a source gives, step by step; after anything but a page it is over. */
export type SourceStep =
  | {
      readonly kind: "page";
      readonly records: readonly ReadRecord[];
      readonly cursor: SourceCursor;
      /** What the source itself dates the answer with. */
      readonly date: Date | null;
      /** What the operator should know of the answer although it could be read. */
      readonly note?: string;
    }
  /** With a position when that moved although there was nothing new. */
  | { readonly kind: "unchanged"; readonly cursor?: SourceCursor }
  | { readonly kind: "busy"; readonly reason: string; readonly retryAt: Date | null }
  | { readonly kind: "failed" | "refused"; readonly reason: string };

export interface ReaderPorts {
  readonly fetcher: Pick<Fetcher, "fetch">;
  /** Waits between requests to one host; resolves early when told to stop. */
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly now: Date;
  readonly signal?: AbortSignal | undefined;
  /** A mirror to ask instead of arXiv's own servers. */
  readonly arxiv?: ArxivHosts | undefined;
}

/** The step that an outcome without papers is. */
export function stepOf(outcome: Exclude<FetchOutcome, { kind: "ok" }>): SourceStep {
  if (outcome.kind === "unchanged") return { kind: "unchanged" };
  if (outcome.kind === "busy") return outcome;
  return { kind: outcome.kind === "refused" ? "refused" : "failed", reason: outcome.reason };
}

/** How often a request that was lost, or answered by a fault of the server, is sent in one run, and the first pause. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 5_000;

/** Fetches, and again after growing pauses when the connection or the server failed. */
export async function fetchWithRetries(
  { fetcher, wait, signal }: ReaderPorts,
  request: FetchRequest,
): Promise<FetchOutcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await fetcher.fetch({ ...request, ...(signal && { signal }) });
    const passing = outcome.kind === "lost" || (outcome.kind === "failed" && outcome.status >= 500);
    if (!passing || attempt === ATTEMPTS || signal?.aborted) return outcome;
    await wait(FIRST_PAUSE_MS * 2 ** (attempt - 1));
  }
}

export const JSON_TYPES = ["application/json", "text/json"];
export const XML_TYPES = [
  "application/xml",
  "text/xml",
  "application/atom+xml",
  "application/rss+xml",
  "application/rdf+xml",
];

export const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);
export const daysBefore = (instant: Date, days: number): Date => new Date(instant.getTime() - days * DAY_MS);
