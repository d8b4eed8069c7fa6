import type { Digest, Paper, PaperDraft, Span } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import type { Logger } from "pino";
import type { ObserveRequest } from "./http/request-metrics.ts";

/** What the API asks of the database. */
export interface ApiStore {
  readonly subscriptions: Pick<
    Store["subscriptions"],
    | "requestLimited"
    | "requestLink"
    | "revokeLinks"
    | "manageRevision"
    | "endlessLinksSince"
    | "findRequest"
    | "confirm"
    | "find"
    | "list"
    | "change"
    | "revise"
    | "unsubscribe"
    | "resume"
    | "advance"
    | "counts"
    | "exportReader"
    | "pause"
    | "erase"
  >;
  readonly marks: Store["marks"];
  readonly tastes: Pick<Store["tastes"], "find" | "written" | "wordsOfPaper" | "changeWord">;
  readonly deliveries: Pick<Store["deliveries"], "findDigest" | "list" | "settle" | "counts">;
  readonly papers: Pick<Store["papers"], "announce" | "byId" | "byIds" | "count" | "daysKnown">;
  readonly suppressions: Pick<Store["suppressions"], "add" | "remove" | "list">;
  readonly sources: Pick<Store["sources"], "list" | "health" | "add" | "remove" | "quarantined">;
  readonly throttles: Pick<Store["throttles"], "count" | "isReached">;
  readonly adminSessions: Store["adminSessions"];
  readonly merges: Pick<Store["merges"], "list" | "undo">;
  readonly destinations: Pick<Store["destinations"], "list" | "resume">;
  readonly ingest: Store["ingest"];
}

/** A paper that a query found. */
export interface FoundPaper {
  readonly paper: Paper;
  readonly score: number;
  /** The words that matched, as they stand in the paper. */
  readonly matched: readonly string[];
}

/** The stretches of a paper's texts that matched, ascending and apart, in UTF-16 offsets. */
export interface Highlights {
  readonly title: readonly Span[];
  readonly abstract: readonly Span[];
  /** Of the first authors, one list for each. */
  readonly authors: readonly (readonly Span[])[];
}

export interface HighlightedPaper extends FoundPaper {
  readonly highlights: Highlights;
}

/** What a query would bring: counts of the last 30 days and some of its papers. */
export interface TopicPreview {
  /** Canonical spelling. */
  readonly query: string;
  readonly total: number;
  /** Whether more match than were counted. */
  readonly isMore: boolean;
  /** One entry a day, oldest first. */
  readonly days: readonly { readonly date: string; readonly count: number }[];
  readonly perDay: number;
  /** In words, e.g. `about 4 a day`. */
  readonly forecast: string;
  readonly warning: string | null;
  readonly samples: readonly HighlightedPaper[];
}

/** A day's trending papers, strongest first. */
export interface TrendingList {
  readonly date: string;
  readonly papers: readonly {
    readonly paper: Paper;
    readonly reason: string | null;
    readonly score: number;
  }[];
}

/** A name, and how many papers have it. */
export interface Facet {
  readonly name: string;
  readonly count: number;
}

export interface SearchFacets {
  readonly categories: readonly Facet[];
  readonly sources: readonly Facet[];
  readonly withCode: number;
}

/**
 * Searches announced papers. A query that cannot be read throws `QuerySyntaxError`, one that costs too much `QueryTooBroad`,
 * one that cannot be answered in time `SearchTooSlow` or `SearchBusy`.
 */
export interface Library {
  /** @throws QueryTooBroad when a topic would cost too much to evaluate. */
  requireAffordable(query: string): void;
  search(options: {
    readonly query: string;
    readonly limit: number;
    /** `next` of the page before. */
    readonly before?: string;
    readonly sort?: "relevance" | "newest";
    /** Whether to say what matched; yes when absent. */
    readonly explain?: boolean;
    /** Whether to say what the matches can be narrowed to; no when absent. */
    readonly facets?: boolean;
  }): Promise<{
    readonly total: number;
    /** Whether more match than were counted. */
    readonly isMore: boolean;
    readonly papers: readonly HighlightedPaper[];
    readonly next: string | null;
    /** What the matches can be narrowed to, most frequent first; null when that was not asked for, or is not known. */
    readonly facets: SearchFacets | null;
  }>;
  /** All papers, newest first. */
  newest(options: { readonly limit: number; readonly before?: string }): ReturnType<Library["search"]>;
  /** Authors and categories that a word may be the beginning of. */
  suggest(word: string): Pick<SearchFacets, "categories"> & { readonly authors: readonly Facet[] };
  preview(query: string, now: Date): Promise<TopicPreview>;
  trending(options: { readonly date?: string; readonly limit: number }, now: Date): Promise<TrendingList>;
  readonly tastes: {
    /** Makes the weights of a reader's marks; false when the marks changed meanwhile. */
    refreshTaste(subscriptionId: string): Promise<boolean>;
  };
}

/** The mails the local inbox keeps. */
export interface Mailbox {
  /** Newest first. */
  list(limit?: number): Promise<readonly MailSummary[]>;
  read(id: string): Promise<StoredMail | null>;
  /** Deletes what was mailed to an address, in any spelling, or names it; gives how many mails. */
  erase(address: string): Promise<number>;
}

export interface MailSummary {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly date: string | null;
}

export interface StoredMail extends MailSummary {
  readonly raw: Buffer;
  readonly html: string | null;
  readonly text: string | null;
}

/** What the workers can be told, and what it carries. */
export interface Hints {
  readonly deliver: { readonly deliveryIds: readonly string[] };
  readonly plan: Readonly<Record<string, never>>;
  readonly announce: Readonly<Record<string, never>>;
}

/** Tells the workers that there is work; rows are truth, so a hint may get lost. */
export type Hint = <Name extends keyof Hints>(name: Name, payload: Hints[Name]) => Promise<void>;

/** Reads one paper record that was pushed. */
export type ParsePaperRecord = (
  value: unknown,
  now: Date,
) => { readonly draft?: PaperDraft | undefined; readonly reason?: string | undefined };

/** Reads what an operator says of a source; `reason` is why it makes no sense. */
export type ParseSource = (value: unknown) =>
  | {
      readonly kind: string;
      readonly config: Readonly<Record<string, unknown>>;
      readonly everyMinutes: number;
    }
  | { readonly reason: string };

/**
 * Takes a notification of a mail service about mails that came back; gives how many changed something, and what a
 * person has to do, if anything, before the service tells more. A body that is no notification of it throws an error
 * named `WebhookError`.
 */
export type TakeWebhook = (
  provider: "ses" | "postmark",
  body: unknown,
  now: Date,
) => Promise<{ readonly applied: number; readonly notice: string | null }>;

/** Prometheus text. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** Told of each request. */
  readonly observeRequest?: ObserveRequest;
}

/** What the API is built on; everything that does I/O comes from outside. */
export interface ApiPorts {
  readonly store: ApiStore;
  readonly library: Library;
  readonly hint: Hint;
  readonly renderDigest: (digest: Digest) => { readonly html: string };
  readonly parsePaperRecord: ParsePaperRecord;
  readonly parseSource: ParseSource;
  readonly takeWebhook: TakeWebhook;
  /** Null unless the local inbox is used instead of a relay. */
  readonly mailbox: Mailbox | null;
  readonly now: () => Date;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Rejects, saying why, while the service cannot work. */
  readonly ready: () => Promise<void>;
}
