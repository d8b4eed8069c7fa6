import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { acceptNormalised } from "@paperboy/core";
import type { OaiPage } from "./arxiv-oai.ts";
import type { FeedFormat, FeedPage } from "./feed.ts";
import { FormatError, type ReadRecord } from "./outcome.ts";
import type { FromThread, Parsed, ParseJob } from "./parse-job.ts";

/** A day of all of arXiv takes less than a second; what takes this long is made to. */
const DEADLINE_MS = 30_000;
/** The tree of the largest answer that is taken fits; what grows beyond it ends the thread and nothing else. */
const MAX_MEMORY_MB = 768;
/** Threads load built code, also when this is not (as in tests). */
const THREAD = fileURLToPath(new URL("../../dist/formats/parse-thread.js", import.meta.url));

/** Bounds of parsing, for tests. */
export interface ParseBounds {
  readonly deadlineMs?: number;
  readonly memoryMb?: number;
}

/** See `readFeedPage`; in a thread of its own. @throws {FormatError} also when it takes too long or too much memory. */
export async function parseFeedPage(
  bytes: Uint8Array,
  format: FeedFormat,
  now: Date,
  contentType = "",
  bounds?: ParseBounds,
): Promise<FeedPage> {
  const { records, page } = await parseOffThread({ kind: "feed", bytes, format, now, contentType }, bounds);
  return { ...(page as unknown as Omit<FeedPage, "records">), records };
}

/** See `readOaiPage`; in a thread of its own. @throws {FormatError} */
export async function parseOaiPage(bytes: Uint8Array, now: Date, contentType = ""): Promise<OaiPage> {
  const { records, page } = await parseOffThread({ kind: "oai", bytes, now, contentType });
  return { ...(page as unknown as Omit<OaiPage, "records">), records };
}

/** See `parseHfAnswer`; in a thread of its own. @throws {FormatError} */
export async function parseHfPage(bytes: Uint8Array, now: Date, day: string): Promise<readonly ReadRecord[]> {
  return (await parseOffThread({ kind: "hf", bytes, now, day })).records;
}

function parseOffThread(job: ParseJob, bounds: ParseBounds = {}): Promise<Parsed> {
  const { deadlineMs = DEADLINE_MS, memoryMb = MAX_MEMORY_MB } = bounds;
  const thread = new Worker(THREAD, {
    workerData: job,
    // None of the flags of this process concern it.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  const tooSlow = new FormatError(`took longer than ${deadlineMs / 1000} s to read`);
  return new Promise<Parsed>((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow), deadlineMs);
    const records: ReadRecord[] = [];
    let page: Parsed["page"] = {};
    thread.on("message", (said: FromThread) => {
      if ("refused" in said) reject(new FormatError(said.refused));
      else if ("crashed" in said) reject(new Error(`the thread that parses failed: ${said.crashed}`));
      else if ("page" in said) page = said.page;
      else records.push(...said.records.map(received));
      if ("isLast" in said && said.isLast) resolve({ records, page });
      // Not at once: whatever else is waiting gets its turn between two portions.
      else if ("page" in said || "records" in said) setImmediate(() => thread.postMessage("more"));
    });
    thread.on("error", (error) => reject(faultOf(error, memoryMb)));
    thread.on("exit", () => {
      clearTimeout(timer);
      reject(new FormatError("could not be read: the thread that parses it ended"));
    });
  }).finally(() => thread.terminate());
}

function faultOf(error: Error, memoryMb: number): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ERR_WORKER_OUT_OF_MEMORY")
    return new FormatError(`takes more than ${memoryMb} MB of memory to read`);
  return error;
}

/** A draft that was normalised in the thread need not be again. */
function received(record: ReadRecord): ReadRecord {
  if (record.draft !== undefined) acceptNormalised(record.draft);
  return record;
}
