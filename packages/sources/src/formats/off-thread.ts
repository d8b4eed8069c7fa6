import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { acceptNormalised } from "@paperboy/core";
import type { OaiPage } from "./arxiv-oai.ts";
import type { FeedFormat, FeedPage } from "./feed.ts";
import { FormatError, type ReadRecord } from "./outcome.ts";
import { type FromThread, type Parsed, type ParseJob, parse, type ToThread } from "./parse-job.ts";

/** A day of all of arXiv takes less than a second; what takes this long is made to. */
const DEADLINE_MS = 30_000;
/** The tree of the largest answer that is taken fits; what grows beyond it ends the thread and nothing else. */
const MAX_MEMORY_MB = 768;
/** So few bytes are read in less than 50 ms whatever they are, in which a thread would not even begin. */
const SMALL = 6_000;
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

async function parseOffThread(job: ParseJob, bounds: ParseBounds = {}): Promise<Parsed> {
  if (job.bytes.length <= SMALL) return parse(job);
  const { deadlineMs = DEADLINE_MS, memoryMb = MAX_MEMORY_MB } = bounds;
  const isUsual = memoryMb === MAX_MEMORY_MB;
  const thread = (isUsual ? takeIdle() : undefined) ?? startThread(memoryMb);
  try {
    const parsed = await parseIn(thread, job, deadlineMs, memoryMb);
    if (isUsual) keepIdle(thread);
    else await thread.terminate();
    return parsed;
  } catch (error) {
    // It may be at work still, or have nothing left to work with.
    await thread.terminate();
    throw error;
  }
}

const startThread = (memoryMb: number): Worker =>
  // None of the flags of this process concern it.
  new Worker(THREAD, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: memoryMb } });

function parseIn(thread: Worker, job: ParseJob, deadlineMs: number, memoryMb: number): Promise<Parsed> {
  let timer: NodeJS.Timeout | undefined;
  const ask = (asked: ToThread) => thread.postMessage(asked);
  const parsing = new Promise<Parsed>((resolve, reject) => {
    timer = setTimeout(
      () => reject(new FormatError(`took longer than ${deadlineMs / 1000} s to read`)),
      deadlineMs,
    );
    const records: ReadRecord[] = [];
    let page: Parsed["page"] = {};
    thread.on("message", (said: FromThread) => {
      if ("refused" in said) return reject(new FormatError(said.refused));
      if ("crashed" in said) return reject(new Error(`the thread that parses failed: ${said.crashed}`));
      if ("page" in said) page = said.page;
      else for (const record of said.records) records.push(received(record));
      if ("isLast" in said && said.isLast) return resolve({ records, page });
      // Not at once: whatever else is waiting gets its turn between two portions.
      return setImmediate(() => ask({ more: true }));
    });
    thread.on("error", (error) => reject(faultOf(error, memoryMb)));
    thread.on("exit", () => reject(new FormatError("could not be read: the thread that parses it ended")));
    ask({ job });
  });
  return parsing.finally(() => clearTimeout(timer));
}

/** A thread without work, kept for the next answer of a source that gives many: to start one takes longer than most are read in. */
const idle: { thread?: Worker | undefined; timer?: NodeJS.Timeout } = {};
const IDLE_MS = 10_000;

/** By name: Node has listeners of its own on a thread. */
function forgetListeners(thread: Worker): void {
  for (const event of ["message", "error", "exit"]) thread.removeAllListeners(event);
}

function takeIdle(): Worker | undefined {
  const { thread } = idle;
  idle.thread = undefined;
  clearTimeout(idle.timer);
  if (thread !== undefined) forgetListeners(thread);
  thread?.ref();
  return thread;
}

function keepIdle(thread: Worker): void {
  forgetListeners(thread);
  if (idle.thread !== undefined) return void thread.terminate();
  idle.thread = thread;
  const forget = () => {
    if (idle.thread === thread) idle.thread = undefined;
  };
  thread.on("error", forget).on("exit", forget);
  // It keeps no process alive that has nothing else to do.
  thread.unref();
  idle.timer = setTimeout(() => {
    forget();
    void thread.terminate();
  }, IDLE_MS).unref();
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
