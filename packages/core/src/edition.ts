import type { FrozenPaper, FrozenSection } from "./digest.ts";

/** New matches of one topic. */
export interface TopicMatches {
  readonly name: string;
  readonly query: string;
  /** Best first, each once; only as many are asked for as find room. */
  readonly paperIds: Iterable<number>;
  /** How many there are. */
  readonly total: number;
}

/** Papers that fit what a reader marked, best first, and why each does; asked for those that are shown. */
export interface ForYouChoice {
  readonly ids: readonly number[];
  readonly why: (id: number) => string;
}

/** What one edition may choose from. */
export interface EditionInput {
  readonly topics: readonly TopicMatches[];
  /** The day's trending papers the reader has not had, strongest first; null when they do not want them. */
  readonly trending: readonly { readonly id: number; readonly reason: string | null }[] | null;
  /** Absent or null when they are not wanted. */
  readonly forYou?: ForYouChoice | null;
  readonly maxPapers: number;
  /** A paper with the words that a topic's query matched; readers may share it. */
  readonly explain: (query: string, paperId: number) => FrozenPaper;
}

/** The most trending papers that stand beside topics; without topics the cap alone bounds them. */
const TRENDING_BESIDE_TOPICS = 10;
/** The most papers that are chosen by what a reader marked. */
export const MOST_FOR_YOU = 10;

/**
 * Chooses the papers of one edition. Topics share the cap in turns, so that a flooding topic does not crowd
 * out a quiet one; a quarter each is kept for what is like marked papers and for trending where they are wanted. A paper stands once, in the first
 * section that takes it. Empty sections are left out; no section at all means there is nothing to send.
 */
export function composeEdition(input: EditionInput): FrozenSection[] {
  const wanted = input.trending ?? [];
  const quarter = Math.floor(input.maxPapers / 4);
  const keptForTrending = Math.min(wanted.length, Math.max(1, quarter));
  const keptForYou = Math.min(input.forYou?.ids.length ?? 0, quarter);
  const shares = dealOut(input.topics, input.maxPapers - keptForTrending - keptForYou);
  const shown = new Set(shares.flat());
  const forYou = forYouSection(input, shown, input.maxPapers - shown.size - keptForTrending);
  for (const { id } of forYou?.papers ?? []) shown.add(id);
  const left = input.maxPapers - shown.size;
  const room = input.topics.length === 0 ? left : Math.min(TRENDING_BESIDE_TOPICS, left);
  const fresh = wanted.filter(({ id }) => !shown.has(id));
  const trending = fresh.slice(0, room).map(({ id, reason }) => ({ id, matched: [], reason }));
  const sections = input.topics.map((topic, index) =>
    topicSection(topic, shares[index] ?? [], input.explain),
  );
  if (forYou !== null) sections.push(forYou);
  if (trending.length > 0) {
    sections.push({
      kind: "trending",
      name: "Trending",
      query: null,
      total: trending.length,
      papers: trending,
    });
  }
  return sections.filter((section) => section.papers.length > 0);
}

function forYouSection(
  { forYou }: EditionInput,
  shown: ReadonlySet<number>,
  room: number,
): FrozenSection | null {
  if (!forYou) return null;
  const ids = forYou.ids.filter((id) => !shown.has(id)).slice(0, Math.max(0, Math.min(room, MOST_FOR_YOU)));
  const papers = ids.map((id) => ({ id, matched: [], reason: forYou.why(id) }));
  return { kind: "forYou", name: "For you", query: null, total: papers.length, papers };
}

/** The most new versions that one edition lists. */
const MAX_REPLACEMENTS = 20;

/** The section of new versions, or none; each paper once, by its newest. */
export function replacementSection(
  revisions: readonly { readonly paperId: number; readonly version: number }[],
): FrozenSection[] {
  const newest = new Map(revisions.map(({ paperId, version }) => [paperId, version]));
  const papers = [...newest]
    .slice(-MAX_REPLACEMENTS)
    .map(([id, version]) => ({ id, matched: [], reason: `version ${version}` }));
  if (papers.length === 0) return [];
  return [{ kind: "replacements", name: "New versions", query: null, total: newest.size, papers }];
}

/** The papers an edition brings as new, each once. */
export function editionPapers(sections: readonly FrozenSection[]): number[] {
  return sections
    .filter(({ kind }) => kind !== "replacements")
    .flatMap((section) => section.papers.map((paper) => paper.id));
}

function dealOut(topics: readonly TopicMatches[], cap: number): number[][] {
  const taken = new Set<number>();
  const shares: number[][] = topics.map(() => []);
  const rest = topics.map(({ paperIds }) => paperIds[Symbol.iterator]());
  for (let dealt = true; dealt && taken.size < cap; ) {
    dealt = false;
    for (const [index, ids] of rest.entries()) {
      if (taken.size >= cap) break;
      const id = nextUntaken(ids, taken);
      if (id === undefined) continue;
      taken.add(id);
      shares[index]?.push(id);
      dealt = true;
    }
  }
  return shares;
}

function nextUntaken(ids: Iterator<number>, taken: ReadonlySet<number>): number | undefined {
  for (let next = ids.next(); !next.done; next = ids.next()) {
    if (!taken.has(next.value)) return next.value;
  }
  return undefined;
}

function topicSection(
  topic: TopicMatches,
  ids: readonly number[],
  explain: EditionInput["explain"],
): FrozenSection {
  const papers = ids.map((id) => explain(topic.query, id));
  return { kind: "topic", name: topic.name, query: topic.query, total: topic.total, papers };
}
