import type { Paper } from "./paper.ts";

/** A paper in a digest, with the reason it is there. */
export interface DigestPaper {
  readonly paper: Paper;
  /** The words that matched, as they stand in title, abstract or authors; empty in the trending section. */
  readonly matched: readonly string[];
  /** Why it is trending, e.g. `▲ 120, 35 since yesterday`; null in a topic's section. */
  readonly reason: string | null;
}

/** One part of a digest: a topic of the reader's, or the day's trending papers. */
export interface DigestSection {
  readonly kind: "topic" | "trending";
  readonly name: string;
  /** Canonical query; null for trending. */
  readonly query: string | null;
  /** Best first; never more than the subscription's cap over all sections. */
  readonly papers: readonly DigestPaper[];
  /** How many new papers matched, shown here or not. */
  readonly total: number;
  /** Where all of them are listed. */
  readonly moreUrl: string;
}

/** The content of one edition for one subscription. */
export interface Digest {
  /** The local date that names the edition, ISO 8601, e.g. `2026-11-24`. */
  readonly date: string;
  readonly sections: readonly DigestSection[];
  readonly links: DigestLinks;
}

/** Absolute links that stand at the top and at the bottom of a mail. */
export interface DigestLinks {
  readonly view: string;
  readonly manage: string;
  readonly unsubscribe: string;
}
