import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type SigningKey, webhookToken } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { takeBounce } from "@paperboy/worker";
import { mailsOf } from "../runtime/mailbox-file.ts";
import { UsageError } from "../usage-error.ts";

/** How the mails were understood, which adds up to `read`; `applied` counts those that changed something. */
export interface BounceReportCounts {
  read: number;
  hard: number;
  soft: number;
  complaint: number;
  unsubscribe: number;
  ignored: number;
  unrecognised: number;
  applied: number;
}

/** Reads mails that came back from files, from all files in and under folders, or from stdin (`-`). */
export async function importBounces(
  store: Pick<Store, "bounces">,
  paths: readonly string[],
  keys: readonly SigningKey[],
  now: Date,
  progress: (line: string) => void,
): Promise<BounceReportCounts> {
  const kinds = { hard: 0, soft: 0, complaint: 0, unsubscribe: 0, ignored: 0, unrecognised: 0 };
  const counts: BounceReportCounts = { read: 0, ...kinds, applied: 0 };
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
    if (path === "-") yield* mailsOf(process.stdin);
    else for (const file of await filesOf(path)) yield* mailsOf(createReadStream(file));
  }
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new UsageError(`${path}: no such file`);
  if (!found.isDirectory()) return [path];
  const inside = (await readdir(path, { recursive: true })).sort().map((name) => join(path, name));
  const isFile = await Promise.all(
    inside.map(async (file) => (await stat(file).catch(() => null))?.isFile() ?? false),
  );
  return inside.filter((_, index) => isFile[index]);
}

/** Where mail services tell of mails that came back; the secret in it is good for nothing else. */
export function webhookUrls(
  publicUrl: string,
  keys: readonly SigningKey[],
): { readonly ses: string; readonly postmark: string } {
  const base = new URL(publicUrl);
  base.username = "webhook";
  base.password = webhookToken(keys);
  const root = base.href.replace(/\/+$/, "");
  return { ses: `${root}/api/v1/admin/bounces/ses`, postmark: `${root}/api/v1/admin/bounces/postmark` };
}
