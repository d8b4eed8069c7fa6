/** How a command speaks: results on stdout, progress and errors on stderr. */
export interface Output {
  readonly json: boolean;
  /** The result: `value` as one JSON object with `--json`, else `text`. */
  result(value: object, text: string): void;
  /** What is going on, on a terminal only: one line, written over by the next. */
  progress(line: string): void;
  /** A line a person should see, whatever stderr is. */
  note(line: string): void;
}

const CLEAR_LINE = "\r\u001b[K";

/** There is one terminal, whoever writes to it. */
let isUnderWay = false;

/** The last word on progress makes room for what comes. */
export function endProgress(): void {
  if (isUnderWay) process.stderr.write(CLEAR_LINE);
  isUnderWay = false;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    result: (value, text) => {
      endProgress();
      process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
    },
    progress: (line) => {
      if (!process.stderr.isTTY) return;
      // A line that wraps cannot be written over.
      process.stderr.write(`${CLEAR_LINE}${line.slice(0, Math.max(20, process.stderr.columns || 80) - 1)}`);
      isUnderWay = true;
    },
    note: (line) => {
      endProgress();
      process.stderr.write(`${line}\n`);
    },
  };
}
