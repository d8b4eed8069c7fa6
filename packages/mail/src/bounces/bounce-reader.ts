import { Worker } from "node:worker_threads";
import type { BounceReport } from "./report.ts";
import { unreadable } from "./report.ts";

/** Reads mails that came back without blocking the process. */
export interface BounceReader {
  /** What `readBounce` says of a mail; `unrecognised` when it takes longer than the deadline. */
  read(raw: Uint8Array): Promise<BounceReport>;
  /** Ends the thread; what waits is rejected. */
  close(): Promise<void>;
}

export interface BounceReaderOptions {
  /** How long one mail may take, in milliseconds; 10 seconds, of which an honest one takes some thousandths. */
  readonly deadlineMs?: number;
  /** How long the thread is kept without work, in milliseconds; a minute. */
  readonly idleMs?: number;
}

interface Task {
  readonly raw: Uint8Array;
  readonly resolve: (report: BounceReport) => void;
  readonly reject: (error: Error) => void;
}

const THREAD = new URL("../../bin/read-bounces.mjs", import.meta.url);
/** A mail that needs more memory than this is no report. */
const LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 };

/**
 * A reader with a thread of its own, started when the first mail comes and ended when no more do. Mails are read one after
 * the other. One that takes too long, or too much memory, ends the thread, and the next mail gets a new one.
 */
export function openBounceReader({
  deadlineMs = 10_000,
  idleMs = 60_000,
}: BounceReaderOptions = {}): BounceReader {
  const waiting: Task[] = [];
  let thread: Worker | null = null;
  let ready = false;
  let current: Task | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const next = (): void => {
    clearTimeout(timer);
    if (waiting.length > 0 && thread === null) thread = start();
    if (!ready || thread === null) return;
    current = waiting.shift() ?? null;
    if (current === null) {
      timer = setTimeout(discard, idleMs).unref();
      return;
    }
    thread.postMessage(current.raw);
    timer = setTimeout(() => finish(unreadable("it takes too long to read"), true), deadlineMs);
  };

  /** Ends the current mail, and with it the thread when that cannot continue. */
  const finish = (report: BounceReport, broken: boolean): void => {
    current?.resolve(report);
    current = null;
    if (broken) discard();
    next();
  };

  const discard = (): Promise<unknown> => {
    const leaving = thread;
    thread = null;
    ready = false;
    leaving?.removeAllListeners();
    // What a thread that is being ended still throws has no reader.
    leaving?.on("error", () => {});
    return leaving?.terminate() ?? Promise.resolve();
  };

  const start = (): Worker => {
    const worker = new Worker(THREAD, { resourceLimits: LIMITS });
    worker.unref();
    worker.on("message", (message: BounceReport | "ready") => {
      if (message !== "ready") return finish(message, false);
      ready = true;
      next();
    });
    worker.on("error", (error: Error) => {
      if (current !== null) return finish(unreadable("it takes too much to read"), true);
      // It could not even begin: no mail is to blame.
      for (const task of waiting.splice(0)) task.reject(error);
      void discard();
    });
    return worker;
  };

  return {
    read(raw) {
      if (closed) return Promise.reject(new Error("the bounce reader is closed"));
      return new Promise((resolve, reject) => {
        waiting.push({ raw, resolve, reject });
        if (current === null) next();
      });
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      const error = new Error("the bounce reader is closed");
      for (const task of [...waiting.splice(0), ...(current ? [current] : [])]) task.reject(error);
      current = null;
      await discard();
    },
  };
}
