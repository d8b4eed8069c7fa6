import { setTimeout as pause } from "node:timers/promises";
import { createFetcher, type Fetcher, type ReaderPorts } from "@paperboy/sources";

/** What a fetcher has to know of the service it asks for. */
export interface SourceIdentity {
  readonly publicUrl: string;
  /** Who may be written to when something is wrong. */
  readonly contact: string;
  /** True for labs whose sources are on their own network (`PAPERBOY_ALLOW_PRIVATE_SOURCES=1`). */
  readonly allowPrivate: boolean;
}

/** The fetcher of this service, which says who asks and how to reach them, as arXiv and others want. */
export const createSourceFetcher = ({ publicUrl, contact, allowPrivate }: SourceIdentity): Fetcher =>
  createFetcher({ userAgent: `Paperboy/1.0 (+${publicUrl}; mailto:${contact})`, allowPrivate });

/** What readers work with in a living process: real waits, cut short when it is told to stop. */
export function readingOf(fetcher: Fetcher, signal?: AbortSignal): Omit<ReaderPorts, "now"> {
  const wait = async (milliseconds: number) => {
    await pause(milliseconds, undefined, signal && { signal }).catch(() => undefined); // told to stop
  };
  return { fetcher, wait, ...(signal && { signal }) };
}
