import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Store } from "@paperboy/db";
import { openPapersFile } from "@paperboy/sources";
import { UsageError } from "../usage-error.ts";
import { readImportLine } from "./import-line.ts";

export interface ImportReport {
  imported: number;
  /** Readers who have a subscription here, which is left as it is. */
  known: number;
  /** Readers who want nothing any more, which is kept. */
  stopped: number;
  /** Readers who have not agreed: nobody vouches for them, and they are left out. */
  pending: number;
  /** Readers to whose address nothing may be mailed here; they are left out. */
  suppressed: number;
  refused: number;
  readonly refusals: { readonly at: string; readonly reason: string }[];
}

type ImportingStore = Pick<Store, "subscriptions" | "suppressions">;

const TOLD_EVERY = 100;

/**
 * Takes over subscriptions whose readers have agreed elsewhere. Each line is checked before anything of it is written and is
 * one transaction, so that an import that was killed is simply run again. Nothing is mailed.
 *
 * @throws UsageError when the file holds something else than JSON lines; nothing of it is taken then.
 */
export async function importSubscribers(
  store: ImportingStore,
  file: string,
  now: Date,
  progress: (line: string) => void = () => {},
): Promise<ImportReport> {
  await requireJsonLines(file);
  const report: ImportReport = {
    imported: 0,
    known: 0,
    stopped: 0,
    pending: 0,
    suppressed: 0,
    refused: 0,
    refusals: [],
  };
  for await (const { text, number } of linesOf(file)) {
    try {
      report[await importLine(store, text, now)]++;
    } catch (error) {
      if (!(error instanceof LineRefused)) throw error;
      report.refused++;
      report.refusals.push({ at: `line ${number}`, reason: error.message });
    }
    if (number % TOLD_EVERY === 0) progress(`${number} lines read`);
  }
  return report;
}

/** A line that is no reader; the others are still read. */
class LineRefused extends Error {}

async function importLine(
  { subscriptions, suppressions }: ImportingStore,
  text: string,
  now: Date,
): Promise<"imported" | "known" | "stopped" | "pending" | "suppressed"> {
  const reader = parse(text);
  if (reader === "pending") return "pending";
  const { address } = reader.address;
  if (reader.status === "active" && (await suppressions.among([address])).has(address)) return "suppressed";
  return subscriptions.importReader(reader, now);
}

function parse(text: string) {
  try {
    return readImportLine(text);
  } catch (error) {
    throw new LineRefused(
      error instanceof SyntaxError ? `is not JSON: ${error.message}` : (error as Error).message,
    );
  }
}

async function* linesOf(file: string): AsyncGenerator<{ text: string; number: number }> {
  const input = Readable.from(openPapersFile(file), { objectMode: false });
  let failure: unknown;
  input.on("error", (error) => {
    failure = error; // the interface ends as if the file did
  });
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      const text = line.replace(/^\uFEFF/, "").trim();
      if (text !== "") yield { text, number };
    }
  } finally {
    input.destroy(); // closes the file of a reading that was given up
  }
  if (failure !== undefined) throw failure;
}

/** Lines that are looked at to tell what a file is. */
const LOOKED_AT = 10;
/** An object that begins and continues in its line; one that is spread over lines begins with a line of its own. */
const BEGINS_AN_OBJECT = /^\{\s*\S/;

/** A file of another kind would be refused line by line, thousands of times, and no line would say what is wrong. */
async function requireJsonLines(file: string): Promise<void> {
  const first: string[] = [];
  for await (const { text } of linesOf(file)) {
    first.push(text);
    if (first.length === LOOKED_AT) break;
  }
  const [head] = first;
  if (head === undefined) throw new UsageError(`${file} is empty`);
  if (!head.startsWith("[") && first.some((text) => BEGINS_AN_OBJECT.test(text))) return;
  throw new UsageError(
    `${file} is ${kindOf(head)} and not JSON lines, one object a line as \`paperboy export subscribers\` writes them, such as {"email":"ada@example.org","topics":[{"query":"mamba"}]}`,
  );
}

function kindOf(head: string): string {
  if (head.startsWith("[")) return "a JSON array";
  if (head.startsWith("{")) return "JSON spread over several lines";
  if (head.startsWith("PK\u0003\u0004")) return "a spreadsheet or an archive";
  return /[,;\t]/.test(head) ? "a table (CSV)" : "text";
}
