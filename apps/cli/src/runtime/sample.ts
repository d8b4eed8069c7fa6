import type { SampleRemoval } from "@paperboy/db";
import type { Runtime } from "../context.ts";

type Say = (line: string) => void;

/**
 * A service for trying out that knows no paper and no source shows a bundled sample. One with a relay or a database of its own is
 * for readers, to whom nothing made up may be announced.
 */
export async function ingestSample({ store, config }: Runtime, say: Say): Promise<void> {
  const { SMTP_URL, DATABASE_URL } = config.env;
  if (SMTP_URL !== undefined || DATABASE_URL !== undefined) return;
  if ((await store.papers.count()) > 0 || (await store.sources.count()) > 0) return;
  const { samplePapers } = await import("@paperboy/sources");
  const now = new Date();
  const sample = samplePapers(now);
  await store.ingest({ name: "sample", kind: "sample" }, sample, now);
  await store.papers.announce(now);
  say(`Ingested a sample of ${sample.length} papers`);
}

/** Before anything is planned for a relay, the sample goes: it was for trying out. */
export async function retireSample({ store, config }: Runtime, say: Say): Promise<void> {
  if (config.env.SMTP_URL === undefined || !(await store.sample.isThere())) return;
  say(`SMTP_URL names a relay: ${describeRemoval(await store.sample.remove())}`);
}

/** `62 sample papers removed` */
export const describeRemoval = ({ removed, kept }: SampleRemoval): string =>
  `${removed} sample papers removed${kept > 0 ? `, ${kept} that readers have had kept for their digests` : ""}`;
