import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "./replace-file.ts";

/** How far a file has been ingested, kept until all of it is. */
export interface FilePosition {
  /** Records that are safely in; 0 at first, and again when the file has changed. */
  readonly read: number;
  keep(read: number): void;
  forget(): void;
}

/** The position of a file is kept under its path, size and time of change, in the data directory. */
export function filePosition(directory: string, file: string): FilePosition {
  const path = join(directory, `${nameOf(file)}.json`);
  return {
    read: readPosition(path),
    keep: (read) => {
      mkdirSync(directory, { recursive: true });
      replaceFile(path, JSON.stringify({ file, read }));
    },
    forget: () => rmSync(path, { force: true }),
  };
}

function nameOf(file: string): string {
  const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 };
  return createHash("sha256").update(`${file} ${size} ${mtimeMs}`).digest("hex").slice(0, 32);
}

function readPosition(path: string): number {
  try {
    const { read } = JSON.parse(readFileSync(path, "utf8")) as { read?: unknown };
    return typeof read === "number" ? read : 0;
  } catch {
    return 0; // nothing was kept
  }
}
