import type { Paper } from "./paper.ts";

/** A paper in a digest, with the reason it is there. */
export interface DigestPaper {
  readonly paper: Paper;
  /** The words that matched, as they stand in title, abstract or authors; empty in the trending section. */
  readonly matched: readonly string[];
  /** Why it is trending, e.g. `▲ 120, 35 since yesterday`, or which marked paper it is like; null in a topic's section. */
  readonly reason: string | null;
}

/** A topic of the reader's, papers like those they marked, the day's trending papers, or new versions of papers they may have had. */
export type SectionKind = "topic" | "forYou" | "trending" | "replacements";

/** One part of a digest: a topic of the reader's, or the day's trending papers. */
export interface DigestSection {
  readonly kind: SectionKind;
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
  /** Lines for the footer, such as which source was late. */
  readonly notes?: readonly string[];
}

/** Absolute links that stand at the top and at the bottom of a mail; on a page that is shared the last two are empty. */
export interface DigestLinks {
  readonly view: string;
  readonly manage: string;
  readonly unsubscribe: string;
  /** Where the reader says of a paper that they want more or less like it; the paper is named behind it. Absent for none. */
  readonly mark?: string;
}

/** One paper of a frozen section: why it is there. */
export interface FrozenPaper {
  readonly id: number;
  readonly matched: readonly string[];
  readonly reason: string | null;
}

/** A section of a digest as it is kept: papers by id, so that a mail sent again says the same. */
export interface FrozenSection {
  readonly kind: SectionKind;
  readonly name: string;
  readonly query: string | null;
  readonly total: number;
  readonly papers: readonly FrozenPaper[];
}

/** Addresses of the service's own pages that a digest points to. */
export interface DigestPages extends DigestLinks {
  /** The list of all papers of a section. */
  readonly section: (section: FrozenSection) => string;
  /** Our own page of a paper that has no other. */
  readonly paper: (id: number) => string;
}

/** Puts a frozen edition and its papers together. Papers that are gone since are left out. */
export function composeDigest(
  date: string,
  sections: readonly FrozenSection[],
  papers: ReadonlyMap<number, Paper>,
  pages: DigestPages,
  notes: readonly string[] = [],
): Digest {
  const { view, manage, unsubscribe, mark = "" } = pages;
  return {
    date,
    links: { view, manage, unsubscribe, mark },
    notes,
    sections: sections.map((section) => ({
      kind: section.kind,
      name: section.name,
      query: section.query,
      total: section.total,
      moreUrl: pages.section(section),
      papers: section.papers.flatMap(({ id, matched, reason }) => {
        const paper = papers.get(id);
        return paper === undefined ? [] : [{ paper: withUrl(paper, pages), matched, reason }];
      }),
    })),
  };
}

const withAddress = new WeakMap<Paper, Paper>();

/** The paper with an address; the same object each time, by which renderers know what they have made already. */
function withUrl(paper: Paper, pages: DigestPages): Paper {
  if (paper.url !== "") return paper;
  const url = pages.paper(paper.id);
  const known = withAddress.get(paper);
  if (known?.url === url) return known;
  const addressed = { ...paper, url };
  withAddress.set(paper, addressed);
  return addressed;
}
