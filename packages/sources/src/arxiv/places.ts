import type { SourceSettings } from "../readers/settings.ts";
import { ARXIV_HOSTS, type ArxivHosts } from "./policy.ts";

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
