import { rejoinAuthors } from "./author-names.ts";
import { identityKeys, paperUrl, pdfUrl } from "./identity.ts";
import type { PaperDraft } from "./paper.ts";
import { titleKey, titleKeyParts } from "./title-key.ts";

/** What is kept of a paper from all its sightings together; dates are ISO 8601, so that records compare and travel as JSON. */
export interface PaperRecord {
  readonly arxivId: string | null;
  readonly doi: string | null;
  readonly titleKey: string;
  readonly title: string;
  readonly abstract: string;
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
  readonly sources: readonly string[];
  readonly version: number | null;
  /** Empty when no page of the paper is known but our own. */
  readonly url: string;
  readonly pdfUrl: string | null;
  readonly codeUrl: string | null;
  readonly projectUrl: string | null;
  readonly upvotes: number | null;
  readonly stars: number | null;
  readonly comments: number | null;
  readonly publishedAt: string | null;
  readonly firstSeenAt: string;
  readonly withdrawn: boolean;
  /** False for a paper that may be found but is never mailed as new: it came as a new version of an older one, or withdrawn. */
  readonly mailable: boolean;
}

/** The record of a paper seen for the first time, from a normalised draft. */
export function newRecord(draft: PaperDraft, source: string, now: Date): PaperRecord {
  const { arxivId, doi, titleKey } = identityKeys(draft);
  // Field by field: an object that begins as the copy of another one takes forty times as long to make.
  return {
    arxivId,
    doi,
    titleKey,
    title: draft.title,
    abstract: draft.abstract,
    authors: draft.authors,
    categories: draft.categories ?? [],
    keywords: draft.keywords ?? [],
    sources: [source],
    version: draft.version ?? null,
    url: paperUrl(draft) ?? "",
    pdfUrl: pdfUrl(draft),
    codeUrl: draft.codeUrl ?? null,
    projectUrl: draft.projectUrl ?? null,
    upvotes: draft.upvotes ?? null,
    stars: draft.stars ?? null,
    comments: draft.comments ?? null,
    publishedAt: draft.publishedAt?.toISOString() ?? null,
    firstSeenAt: (draft.listedAt ?? draft.observedAt ?? now).toISOString(),
    withdrawn: draft.withdrawn === true,
    mailable: draft.withdrawn !== true && !isReplacement(draft),
  };
}

const isReplacement = ({ announceType }: PaperDraft) =>
  announceType === "replace" || announceType === "replace-cross";

/**
 * A record after one more sighting. A later source enriches and never erases: what was unknown is filled in,
 * a longer abstract or author list replaces a shorter one, a newer version brings its title, signals are the
 * newest, and the first sighting is the earliest, in whatever order they come; what its source announces as new is new.
 * Returns the same object when the sighting says nothing new.
 */
export function enrich(record: PaperRecord, draft: PaperDraft, source: string, now: Date): PaperRecord {
  const joined = joinRecords(record, newRecord(draft, source, now));
  return !joined.mailable && !joined.withdrawn && isAnnouncedAsNew(draft)
    ? { ...joined, mailable: true }
    : joined;
}

/** A paper whose new version was seen first is new all the same once its source says that it is. */
const isAnnouncedAsNew = ({ announceType }: PaperDraft) => announceType === "new" || announceType === "cross";

/** What two records of one paper say together, by the rules of {@link enrich}; the first one's facts stand. */
export function joinRecords(record: PaperRecord, seen: PaperRecord): PaperRecord {
  const newer = (seen.version ?? 0) > (record.version ?? 0);
  const merged: PaperRecord = {
    arxivId: record.arxivId ?? seen.arxivId,
    doi: record.doi ?? seen.doi,
    titleKey: newer ? joinKeys(seen.titleKey, record.titleKey) : joinKeys(record.titleKey, seen.titleKey),
    title: newer ? seen.title : record.title,
    abstract: newer && seen.abstract !== "" ? seen.abstract : longer(record.abstract, seen.abstract),
    authors: seen.authors.length > record.authors.length ? seen.authors : record.authors,
    categories: union(record.categories, seen.categories),
    keywords: union(record.keywords, seen.keywords),
    sources: union(record.sources, seen.sources),
    version: newer ? seen.version : record.version,
    url: record.url || seen.url,
    pdfUrl: record.pdfUrl ?? seen.pdfUrl,
    codeUrl: record.codeUrl ?? seen.codeUrl,
    projectUrl: record.projectUrl ?? seen.projectUrl,
    upvotes: signal(record.upvotes, seen.upvotes),
    stars: signal(record.stars, seen.stars),
    comments: signal(record.comments, seen.comments),
    publishedAt: record.publishedAt ?? seen.publishedAt,
    firstSeenAt: [record.firstSeenAt, seen.firstSeenAt].sort()[0] as string,
    withdrawn: record.withdrawn || seen.withdrawn,
    mailable: record.mailable && !seen.withdrawn,
  };
  return sameRecord(merged, record) ? record : merged;
}

/**
 * A record whose authors had been split at the comma within their names, put right: see {@link rejoinAuthors}. Its title key
 * goes by the first author's family name again; of the key's title nothing changes. The same object when nothing was wrong.
 */
export function withAuthorsRejoined(record: PaperRecord, isFromText: boolean): PaperRecord {
  const authors = rejoinAuthors(record.authors, isFromText);
  const key = titleKeyParts(record.titleKey);
  const authorIn = (names: readonly string[]) => titleKeyParts(titleKey(record.title, names)).author;
  // An initial was taken for the family name; any other author of the key is that of another list, and stays.
  const isOfThese = key.author === authorIn(record.authors) || /^[a-z]$/.test(key.author);
  const fixed = `${key.title}|${authorIn(authors)}`;
  const changed = { ...record, authors, titleKey: isOfThese && authors.length > 0 ? fixed : record.titleKey };
  return sameRecord(changed, record) ? record : changed;
}

/** Whether two records say the same. */
export const sameRecord = (a: PaperRecord, b: PaperRecord): boolean =>
  (Object.keys(a) as (keyof PaperRecord)[]).every((name) => sameFact(a[name], b[name]));

type Fact = PaperRecord[keyof PaperRecord];

const sameFact = (a: Fact, b: Fact): boolean =>
  a === b ||
  (Array.isArray(a) &&
    Array.isArray(b) &&
    a.length === b.length &&
    a.every((item, place) => item === b[place]));

/** 0 can mean "not read", and undoes nothing. */
const signal = (known: number | null, seen: number | null): number | null =>
  seen === 0 ? (known ?? 0) : (seen ?? known);

/** A source may not have told who wrote it. */
function joinKeys(key: string, other: string): string {
  const { title, author } = titleKeyParts(key);
  return author === "" ? `${title}|${titleKeyParts(other).author}` : key;
}

const longer = (a: string, b: string) => (b.length > a.length ? b : a);

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  const added = b.filter((item) => !a.includes(item));
  return added.length === 0 ? a : [...a, ...added];
}
