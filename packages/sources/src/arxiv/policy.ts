import type { HostPolicy } from "../http/politeness.ts";

// What is agreed with arXiv, all of it here: where it is asked, how often, and by which sources. Its calendar, by which the health of
// a source is judged too, is in core (`arxiv-calendar.ts`).

/** What is asked by arXiv's terms of use (info.arxiv.org/help/api/tou): one request every three seconds over one connection. */
export const ARXIV_POLICY = {
  /** All hosts of this domain count as one server. */
  domain: "arxiv.org",
  gapMs: 3_000,
  /** The kinds of source that ask it unless they name another server. */
  kinds: ["arxiv-api", "arxiv-rss", "arxiv-oai"],
} as const;

const isOfArxiv = (host: string) => `.${host.toLowerCase()}`.endsWith(`.${ARXIV_POLICY.domain}`);

/** The pace of arXiv's hosts, and of a mirror that is asked instead, all of them together. */
export const arxivHostPolicy = (mirror?: string): HostPolicy => ({
  hosts: { test: (host) => isOfArxiv(host) || host === mirror },
  minGapMs: ARXIV_POLICY.gapMs,
});

/** Where arXiv's services are asked. */
export interface ArxivHosts {
  /** The feed of some archives, `cs.CL+cs.LG`, is below this. */
  readonly rss: string;
  readonly oai: string;
  readonly api: string;
}

/** arXiv's own servers (info.arxiv.org/help/rss, /help/oa, /help/api). */
export const ARXIV_HOSTS: ArxivHosts = {
  rss: "https://rss.arxiv.org/rss/",
  oai: "https://oaipmh.arxiv.org/oai",
  api: "https://export.arxiv.org/api/query",
};

/** The same services of a mirror, or of a gateway that stands before them, below one address. */
export function mirrorOf(base: string): ArxivHosts {
  const root = base.endsWith("/") ? base : `${base}/`;
  return { rss: `${root}rss/`, oai: `${root}oai`, api: `${root}api/query` };
}
