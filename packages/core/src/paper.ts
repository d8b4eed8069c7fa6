/** The signals a source shows beside a paper; absent when the source does not say. */
export interface Signals {
  readonly upvotes?: number;
  readonly stars?: number;
  readonly comments?: number;
}

/** How arXiv announced an entry: a new paper, one cross-listed to this archive, a new version of either. */
export const ANNOUNCE_TYPES = ["new", "cross", "replace", "replace-cross"] as const;
export type AnnounceType = (typeof ANNOUNCE_TYPES)[number];

/** One observation of a paper as a source gave it, before it is resolved to a paper. */
export interface PaperDraft extends Signals {
  /** The paper's id at the source (an arXiv id, a DOI, a feed entry's guid). */
  readonly externalId: string;
  readonly title: string;
  readonly abstract: string;
  readonly authors: readonly string[];
  /** arXiv identifier without version, e.g. `2602.22661` or `astro-ph/0601001`. */
  readonly arxivId?: string;
  /** arXiv version, 1 for `v1`. */
  readonly version?: number;
  /** DOI without resolver, e.g. `10.1000/xyz`. */
  readonly doi?: string;
  /** arXiv's categories, primary first, e.g. `cs.CL`. */
  readonly categories?: readonly string[];
  readonly keywords?: readonly string[];
  /** Abstract page; derived from the arXiv id or DOI when absent. */
  readonly url?: string;
  readonly pdfUrl?: string;
  readonly codeUrl?: string;
  readonly projectUrl?: string;
  readonly publishedAt?: Date;
  /** How the source announced it, when it tells; a `replace` is a new version of an older paper. */
  readonly announceType?: AnnounceType;
  /** True when the source shows it as withdrawn or retracted. */
  readonly withdrawn?: boolean;
  /** When the source listed the paper, if it tells: the paper was first seen then. */
  readonly listedAt?: Date;
  /** When the source showed these signals; the time of ingestion when nobody says. */
  readonly observedAt?: Date;
}

/** A paper as readers see it: search, preview, feeds and digests all carry this. */
export interface Paper {
  readonly id: number;
  /** Place in the one global order that digests read; absent until announced. */
  readonly seq: number | null;
  readonly title: string;
  readonly abstract: string;
  readonly authors: readonly string[];
  readonly arxivId: string | null;
  readonly version: number | null;
  readonly doi: string | null;
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
  /** Names of the sources that sighted it. */
  readonly sources: readonly string[];
  readonly url: string;
  readonly pdfUrl: string | null;
  readonly codeUrl: string | null;
  readonly projectUrl: string | null;
  readonly upvotes: number | null;
  readonly stars: number | null;
  readonly comments: number | null;
  readonly publishedAt: Date | null;
  readonly announcedAt: Date | null;
  /** When any source showed it first. */
  readonly firstSeenAt?: Date;
  /** Shown as withdrawn, and never mailed as new. */
  readonly withdrawn?: boolean;
  /** False when it is known but never mailed as new; see `PaperRecord`. */
  readonly mailable?: boolean;
}

/** A record a source could not turn into a draft: where it stood and why it was refused; both are one clean line. */
export interface Refusal {
  /** Line, array index or entry id, as a person would look it up: `line 7`, `index 3`. */
  readonly at: string;
  readonly reason: string;
}
