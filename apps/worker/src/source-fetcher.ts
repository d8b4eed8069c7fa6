import { setTimeout as pause } from "node:timers/promises";
import { arxivHostPolicy, createFetcher, type Fetcher, mirrorOf, type ReaderPorts } from "@paperboy/sources";

/** What a fetcher has to know of the service it asks for. */
export interface SourceIdentity {
  readonly publicUrl: string;
  /** Who may be written to when something is wrong. */
  readonly contact: string;
  /** True for labs whose sources are on their own network (`PAPERBOY_ALLOW_PRIVATE_SOURCES=1`). */
  readonly allowPrivate: boolean;
  /** A mirror of arXiv (`PAPERBOY_ARXIV_URL`): it is asked at arXiv's pace, too. */
  readonly arxivUrl?: string | undefined;
}

/** The fetcher of this service, which says who asks and how to reach them, as arXiv and others want. */
export const createSourceFetcher = ({
  publicUrl,
  contact,
  allowPrivate,
  arxivUrl,
}: SourceIdentity): Fetcher =>
  createFetcher({
    userAgent: `Paperboy/1.0 (+${publicUrl}; mailto:${contact})`,
    allowPrivate,
    hostPolicies: [arxivHostPolicy(arxivUrl === undefined ? undefined : new URL(arxivUrl).hostname)],
  });

/** What readers work with in a living process: real waits, cut short when it is told to stop. */
export function readingOf(
  fetcher: Fetcher,
  arxivUrl: string | undefined,
  signal?: AbortSignal,
): Omit<ReaderPorts, "now"> {
  const wait = async (milliseconds: number) => {
    await pause(milliseconds, undefined, signal && { signal }).catch(() => undefined); // told to stop
  };
  const arxiv = arxivUrl === undefined ? undefined : mirrorOf(arxivUrl);
  return { fetcher, wait, arxiv, ...(signal && { signal }) };
}
