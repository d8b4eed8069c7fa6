import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { SigningKey } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { takeBounce } from "@paperboy/worker";
import { UsageError } from "../usage-error.ts";

/** How the mails were understood; `applied` counts those that changed something. */
export interface BounceReportCounts {
  read: number;
  hard: number;
  soft: number;
  complaint: number;
  ignored: number;
  unrecognised: number;
  applied: number;
}

/** Reads mails that came back from files, from all files of folders, or one from stdin (`-`). */
export async function importBounces(
  store: Pick<Store, "bounces">,
  paths: readonly string[],
  keys: readonly SigningKey[],
  now: Date,
  progress: (line: string) => void,
): Promise<BounceReportCounts> {
  const counts = { read: 0, hard: 0, soft: 0, complaint: 0, ignored: 0, unrecognised: 0, applied: 0 };
  for await (const raw of mailsIn(paths)) {
    const { kind, applied } = await takeBounce(store, raw, keys, now);
    counts.read++;
    counts[kind]++;
    if (applied) counts.applied++;
    if (counts.read % 100 === 0) progress(`${counts.read} read`);
  }
  return counts;
}

async function* mailsIn(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) {
    if (path === "-") {
      yield* splitMbox(await buffer(process.stdin));
      continue;
    }
    const found = await stat(path).catch(() => null);
    if (found === null) throw new UsageError(`${path}: no such file`);
    const files = found.isDirectory() ? (await readdir(path)).sort().map((name) => join(path, name)) : [path];
    for (const file of files) {
      if ((await stat(file)).isFile()) yield* splitMbox(await readFile(file));
    }
  }
}

/** A mailbox file (RFC 4155) is many mails, each behind a line that begins with `From `; anything else is one. */
function splitMbox(content: Buffer): Buffer[] {
  const text = content.toString("latin1");
  if (!/^From \S+ .*\d{4}\r?\n/.test(text)) return content.length === 0 ? [] : [content];
  return text
    .split(/^From \S+ .*\d{4}\r?\n/m)
    .filter((mail) => mail.trim() !== "")
    .map((mail) => Buffer.from(mail.replace(/^>(>*From )/gm, "$1"), "latin1"));
}
