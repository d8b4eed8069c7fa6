import type { SourceSettings } from "../readers/settings.ts";

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

/** Which of arXiv's services a source's announcements can be compared at; a source with a server of its own has that one. */
export interface Places {
  /** The feeds to ask, one for each category where there is a choice. */
  readonly rss: readonly string[];
  readonly oai: string | null;
  readonly api: string | null;
}

/** Where the announcements of a source stand. `mirror` is what the operator said instead of arXiv's own servers. */
export function placesOf(
  { kind, url }: SourceSettings,
  categories: readonly string[],
  mirror: ArxivHosts | undefined,
): Places {
  if (url !== undefined && mirror === undefined)
    return {
      rss: kind === "arxiv-rss" ? [url] : [],
      oai: kind === "arxiv-oai" ? url : null,
      api: kind === "arxiv-api" ? url : null,
    };
  const { rss, oai, api } = mirror ?? ARXIV_HOSTS;
  return { rss: categories.map((category) => `${rss}${category}`), oai, api };
}
