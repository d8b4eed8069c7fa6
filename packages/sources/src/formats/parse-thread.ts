// Parses an answer and gives its records away in portions, each when it is asked for; then the next one. It runs as a thread of its own, so that
// no answer of a stranger, however it is made, blocks the service.
import { parentPort } from "node:worker_threads";
import { FormatError, type ReadRecord } from "./outcome.ts";
import { type FromThread, type ParseJob, parse, type ToThread } from "./parse-job.ts";

/** Taking a portion over costs the main thread about a millisecond. */
const MAX_RECORDS = 100;
const MAX_CHARACTERS = 200_000;

const sizeOf = ({ draft }: ReadRecord): number => {
  if (draft === undefined) return 500;
  return draft.title.length + draft.abstract.length + draft.authors.length * 40 + 500;
};

function portionsOf(records: readonly ReadRecord[]): ReadRecord[][] {
  const portions: ReadRecord[][] = [];
  let portion: ReadRecord[] = [];
  let size = 0;
  for (const record of records) {
    portion.push(record);
    size += sizeOf(record);
    if (portion.length < MAX_RECORDS && size < MAX_CHARACTERS) continue;
    portions.push(portion);
    portion = [];
    size = 0;
  }
  return [...portions, portion];
}

const say = (message: FromThread): void => parentPort?.postMessage(message);

let portions: ReadRecord[][] = [];

function begin(job: ParseJob): void {
  try {
    const { records, page } = parse(job);
    portions = portionsOf(records).reverse();
    say({ page });
  } catch (error) {
    if (error instanceof FormatError) say({ refused: error.message });
    else say({ crashed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

parentPort?.on("message", (asked: ToThread) => {
  if ("job" in asked) return begin(asked.job);
  const records = portions.pop() ?? [];
  return say({ records, isLast: portions.length === 0 });
});
