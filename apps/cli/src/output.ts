/** How a command speaks: results on stdout, progress and errors on stderr. */
export interface Output {
  readonly json: boolean;
  /** The result: `value` as one JSON object with `--json`, else `text`. */
  result(value: object, text: string): void;
  /** A line of progress, on a terminal only. */
  progress(line: string): void;
  /** A line a person should see, whatever stderr is. */
  note(line: string): void;
}

export function createOutput(json: boolean): Output {
  const note = (line: string) => void process.stderr.write(`${line}\n`);
  return {
    json,
    result: (value, text) => void process.stdout.write(`${json ? JSON.stringify(value) : text}\n`),
    progress: (line) => {
      if (process.stderr.isTTY) note(line);
    },
    note,
  };
}
