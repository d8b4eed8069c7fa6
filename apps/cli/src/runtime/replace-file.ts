import { renameSync, writeFileSync } from "node:fs";

/** Writes a file whole: whoever reads it, or is killed meanwhile, has the old text or the new one. */
export function replaceFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
