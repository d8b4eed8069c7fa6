import type { FrozenSection, QueryMatches, TopicOrder } from "@paperboy/core";
import type { EditionRow } from "@paperboy/db";

/**
 * What became of a paper that a topic matched: it is in this edition, in another section of it, came with an earlier edition, found
 * no room, waits for this edition, or is older than what the edition looked at.
 */
export type MatchState = "shown" | "shown-elsewhere" | "already-sent" | "held-back" | "waiting" | "too-old";

/** A paper that a topic matched, and why it is in the edition or not. */
export interface MatchStory {
  readonly id: number;
  readonly title: string;
  readonly state: MatchState;
  readonly why: string;
  /** The words that matched. */
  readonly matched: readonly string[];
}

/** What one topic matched of the papers that were announced in the thirty days before an edition. */
export interface TopicStory {
  readonly name: string;
  readonly query: string;
  readonly counts: Readonly<Record<MatchState, number>>;
  /** Those in the edition first; at most `LISTED`. */
  readonly papers: readonly MatchStory[];
}

/** Papers that are listed of one topic; all are counted. */
export const LISTED = 50;

/** Everything that decides about the matches of an edition. */
export interface MatchFacts {
  readonly date: string;
  readonly topics: readonly TopicOrder[];
  /** What the edition froze; empty when it carried nothing or is not planned yet. */
  readonly sections: readonly FrozenSection[];
  /** Whether it is planned. */
  readonly isPlanned: boolean;
  readonly maxPapers: number;
  /** The reader's editions, this one included. */
  readonly editions: readonly EditionRow[];
  /** The reader's watermark now. */
  readonly watermark: number;
  /** Matches in this stretch of seqs are looked at. */
  readonly afterSeq: number;
  readonly upToSeq: number;
  readonly seqOf: (paperId: number) => number | undefined;
  readonly matches: ReadonlyMap<string, QueryMatches>;
}

type Untitled = Omit<MatchStory, "title">;

/** Says of each topic what it matched, and of each paper why it came or not. */
export function topicStories(
  facts: MatchFacts,
): (Omit<TopicStory, "papers"> & { readonly papers: readonly Untitled[] })[] {
  return topicsOf(facts).map(({ name, query }) => {
    const stories = matchedBy(query, facts).toSorted(
      (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state),
    );
    const counts = Object.fromEntries(
      ORDER.map((state) => [state, stories.filter((story) => story.state === state).length]),
    ) as Record<MatchState, number>;
    return { name, query, counts, papers: stories.slice(0, LISTED) };
  });
}

const ORDER: readonly MatchState[] = [
  "shown",
  "held-back",
  "waiting",
  "shown-elsewhere",
  "already-sent",
  "too-old",
];

/** Those of the edition as it was planned, and those that the reader follows now. */
function topicsOf({ sections, topics }: MatchFacts): TopicOrder[] {
  const frozen = sections.flatMap(({ kind, name, query }) =>
    kind === "topic" && query !== null ? [{ name, query }] : [],
  );
  const known = new Set(frozen.map(({ query }) => query));
  return [...frozen, ...topics.filter(({ query }) => !known.has(query))];
}

function matchedBy(query: string, facts: MatchFacts): Untitled[] {
  const { sections, matches, afterSeq, upToSeq, seqOf } = facts;
  const shown = sections.find((section) => section.kind === "topic" && section.query === query)?.papers ?? [];
  const ids = new Set(shown.map(({ id }) => id));
  const found = matches.get(query);
  const others = [...(found?.oldestAfter(afterSeq) ?? [])]
    .reverse()
    .filter((id) => !ids.has(id) && (seqOf(id) ?? 0) <= upToSeq);
  return [
    ...shown.map(({ id, matched }) => ({ id, state: "shown" as const, why: "in this edition", matched })),
    ...others.map((id) => ({ id, ...judge(id, facts), matched: found?.explain(id).matched ?? [] })),
  ];
}

/** Why a paper that matched does not stand in its topic's section. */
function judge(id: number, facts: MatchFacts): Pick<MatchStory, "state" | "why"> {
  const { date, sections, editions, isPlanned, maxPapers, seqOf, watermark } = facts;
  const elsewhere = sections.find(
    ({ kind, papers }) => kind !== "replacements" && papers.some((paper) => paper.id === id),
  );
  if (elsewhere) return { state: "shown-elsewhere", why: `in the section "${elsewhere.name}"` };
  const carrier = editions.find((edition) => edition.status !== "skipped" && edition.paperIds.includes(id));
  if (carrier && carrier.date < date)
    return { state: "already-sent", why: `already sent with the edition of ${carrier.date}` };
  const why = `no room: an edition shows ${maxPapers} papers at most`;
  if (carrier) return { state: "held-back", why: `${why}; it came with the edition of ${carrier.date}` };
  if ((seqOf(id) ?? 0) <= watermark)
    return {
      state: "too-old",
      why: "announced before the editions of this reader begin to look, or given up",
    };
  if (!isPlanned) return { state: "waiting", why: "would come with this edition" };
  return { state: "held-back", why: `${why}; it waits for the next one` };
}
