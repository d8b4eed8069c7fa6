import type { Store } from "@paperboy/db";
import type { ReaderPorts } from "@paperboy/sources";
import { createSourceFetcher, readingOf, readWorkerConfig, type SourceRunReport } from "@paperboy/worker";
import type { Runtime } from "../context.ts";

export type Reading = Omit<ReaderPorts, "now">;

/** Gives `work` what sources are read with, and closes it whatever happens. */
export async function withReading<Result>(
  runtime: Runtime,
  work: (reading: Reading) => Promise<Result>,
): Promise<Result> {
  const config = readWorkerConfig(runtime.env(0));
  const fetcher = createSourceFetcher({
    publicUrl: config.publicUrl,
    contact: config.from.address,
    allowPrivate: config.allowPrivateSources,
    arxivUrl: config.arxivUrl,
  });
  try {
    return await work(readingOf(fetcher, config.arxivUrl));
  } finally {
    await fetcher.close();
  }
}

export async function announceAfter(
  store: Pick<Store, "papers">,
  { new: created }: Pick<SourceRunReport, "new">,
): Promise<void> {
  if (created > 0) await store.papers.announce(new Date());
}
