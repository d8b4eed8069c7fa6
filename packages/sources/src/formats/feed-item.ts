/** An entry of any feed, as it stands there; nothing is judged yet. */
export interface FeedItem {
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  /** Description, summary or content, as text. */
  readonly body?: string | undefined;
  readonly links: readonly FeedLink[];
  /** Its own, else those of the feed. */
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  /** The dates it was published at, the best first; the first that can be read counts. */
  readonly published: readonly string[];
  readonly updated: readonly string[];
  readonly dois: readonly string[];
  /** arXiv's own fields (http://arxiv.org/schemas/atom). */
  readonly announceType?: string | undefined;
  readonly comment?: string | undefined;
}

export interface FeedLink {
  readonly href: string;
  readonly rel: string;
  readonly type: string;
}

export interface FeedDocument {
  readonly kind: "rss" | "atom" | "json";
  readonly items: readonly FeedItem[];
  /** When the feed says it was made; the first that can be read counts. */
  readonly dates: readonly string[];
  /** Days of the week on which nothing is to be expected (RSS 2.0, `skipDays`). */
  readonly skipDays: readonly string[];
  /** The arXiv API's count of all results, and where this page begins. */
  readonly total: number | null;
  readonly startIndex: number | null;
  /** What had to be forgiven to read it; null when it is well-formed. */
  readonly forgiven: string | null;
}
