import {
  enrich,
  identityKeys,
  isKnownAs,
  isSamePaper,
  joinRecords,
  mayBeOne,
  newRecord,
  type PaperDraft,
  type PaperRecord,
  sameRecord,
  titleKeyParts,
} from "@paperboy/core";
import { type Entry, living } from "./entry.ts";
import { type KeyIndex, keyIndex } from "./key-index.ts";

/** A draft on its way to its paper. */
export interface Arrival {
  readonly draft: PaperDraft;
  readonly entry: Entry;
}

/** Two stored papers that a draft showed to be one. */
export interface Merging {
  readonly kept: Entry;
  readonly merged: Entry;
  readonly keptBefore: PaperRecord;
  readonly mergedBefore: PaperRecord;
  /** What is known of the two when they are joined, whatever else the batch brings. */
  readonly keptAfter: PaperRecord;
  readonly reason: string;
}

export interface Resolution {
  readonly arrivals: readonly Arrival[];
  readonly entries: readonly Entry[];
  readonly mergings: readonly Merging[];
}

export interface ResolveContext {
  readonly source: string;
  readonly now: Date;
  /** Pairs an operator has unmerged, as `lower:higher`; they are never joined again. */
  readonly unmerged: ReadonlySet<string>;
  /** Records of drafts that were made ahead. */
  readonly prepared?: ReadonlyMap<PaperDraft, { readonly record: PaperRecord }>;
}

export const pairKey = (a: number, b: number): string => `${Math.min(a, b)}:${Math.max(a, b)}`;

/** Finds or makes the entry of each draft, in order, so that later drafts of a batch enrich earlier ones. */
export function resolve(
  stored: readonly Entry[],
  drafts: readonly PaperDraft[],
  context: ResolveContext,
): Resolution {
  const index = keyIndex();
  const mergings: Merging[] = [];
  for (const entry of stored) index.remember(entry);
  const named = { ...context, namesakes: namesakesOf(drafts) };
  const placed = drafts.map((draft) => ({ draft, entry: place(draft, index, mergings, named) }));
  const arrivals = placed.map(({ draft, entry }) => ({ draft, entry: living(entry) }));
  const entries = [...new Set(arrivals.map(({ entry }) => entry))];
  const storedOnes = mergings.filter(({ merged }) => merged.id !== undefined);
  return { arrivals, entries, mergings: storedOnes };
}

/** Ids that a batch gives to several titles: they name none of them. */
function namesakesOf(drafts: readonly PaperDraft[]): ReadonlySet<string> {
  const titles = new Map<string, string>();
  const namesakes = new Set<string>();
  for (const draft of drafts) {
    const title = titleOf(draft);
    if ((titles.get(draft.externalId) ?? title) !== title) namesakes.add(draft.externalId);
    titles.set(draft.externalId, title);
  }
  return namesakes;
}

const titleOf = (draft: PaperDraft): string => titleKeyParts(identityKeys(draft).titleKey).title;

type BatchContext = ResolveContext & { readonly namesakes: ReadonlySet<string> };

function place(draft: PaperDraft, index: KeyIndex, mergings: Merging[], context: BatchContext): Entry {
  const same = index.find(draft).filter((entry) => isEntryOf(entry, draft, context));
  const kept = firstOf(same, draft, context);
  if (kept === undefined) return index.remember(made(draft, context));
  let isUndecided = false;
  for (const other of same) {
    if (other === kept) continue;
    if (maySettle(kept, other, draft, context)) mergings.push(join(kept, other, draft, index));
    else isUndecided = true;
  }
  kept.shownAs.add(draft.externalId);
  const joined = withFreshSignals(kept, draft, context);
  if (joined !== kept.record) kept.origin = undefined;
  // Of several papers by that name the draft may be any, so its ids may be theirs.
  const isOurs = !isUndecided || sharesId(kept, draft);
  kept.record = isOurs ? withOwnKeys(joined, kept, index) : withKeysOf(kept.record, joined);
  return index.remember(kept);
}

function made(draft: PaperDraft, { source, now, prepared }: ResolveContext): Entry {
  const record = prepared?.get(draft)?.record ?? newRecord(draft, source, now);
  return {
    ...{ id: undefined, seq: null, before: undefined, record, origin: draft, aliases: new Set<string>() },
    shownAs: new Set([draft.externalId]),
    signalsAt: hasSignals(draft) ? (draft.observedAt ?? now) : null,
  };
}

function isEntryOf(entry: Entry, draft: PaperDraft, { namesakes }: BatchContext): boolean {
  const isSameTitle = titleKeyParts(entry.record.titleKey).title === titleOf(draft);
  const isName = isSameTitle || !namesakes.has(draft.externalId);
  const wasShown = isName && entry.shownAs.has(draft.externalId);
  if (isSamePaper(entry.record, draft, wasShown)) return true;
  return [...entry.aliases].some((alias) => isKnownAs(entry.record, alias, draft));
}

function sharesId({ record }: Entry, draft: PaperDraft): boolean {
  const { arxivId, doi } = identityKeys(draft);
  return (arxivId !== null && arxivId === record.arxivId) || (doi !== null && doi === record.doi);
}

/** What readers were shown first; but a paper that only the title leads to stands behind those with the draft's id. */
function firstOf(same: readonly Entry[], draft: PaperDraft, context: ResolveContext): Entry | undefined {
  const own = same.filter((entry) => sharesId(entry, draft));
  const mayStand = (entry: Entry) =>
    own.length === 0 || own.some((each) => each === entry || maySettle(each, entry, draft, context));
  return same.filter(mayStand).sort(oldestFirst)[0];
}

/** Announced before not, then the older row, then the one met first. */
function oldestFirst(a: Entry, b: Entry): number {
  const last = Number.MAX_SAFE_INTEGER;
  return (a.seq ?? last) - (b.seq ?? last) || (a.id ?? last) - (b.id ?? last);
}

/** A draft shows two papers to be one by an id of either, or by a title with its author; a bare title shows nothing. */
function maySettle(kept: Entry, other: Entry, draft: PaperDraft, { unmerged }: ResolveContext): boolean {
  const isUnmerged =
    kept.id !== undefined && other.id !== undefined && unmerged.has(pairKey(kept.id, other.id));
  if (isUnmerged || !mayBeOne(kept.record, other.record)) return false;
  const isNamed = titleKeyParts(identityKeys(draft).titleKey).author !== "";
  return isNamed || (sharesId(kept, draft) && sharesId(other, draft));
}

function join(kept: Entry, merged: Entry, draft: PaperDraft, index: KeyIndex): Merging {
  const keptBefore = kept.record;
  const mergedBefore = merged.record;
  for (const alias of [merged.record.titleKey, ...merged.aliases]) kept.aliases.add(alias);
  for (const id of merged.shownAs) kept.shownAs.add(id);
  kept.record = joinRecords(kept.record, merged.record);
  kept.origin = undefined;
  if ((merged.signalsAt ?? 0) > (kept.signalsAt ?? 0)) kept.signalsAt = merged.signalsAt;
  merged.mergedInto = kept;
  index.remember(kept);
  return {
    ...{ kept, merged, keptBefore, mergedBefore, keptAfter: kept.record },
    reason: `both are ${draft.externalId}`,
  };
}

const hasSignals = ({ upvotes, stars, comments }: PaperDraft): boolean =>
  Boolean(upvotes || stars || comments);

/** What an older sighting shows undoes nothing that a newer one showed; sightings may come in any order. */
function withFreshSignals(entry: Entry, draft: PaperDraft, { source, now }: ResolveContext): PaperRecord {
  const seenAt = draft.observedAt ?? now;
  const joined = enrich(entry.record, draft, source, now);
  if (!hasSignals(draft)) return joined;
  if (entry.signalsAt === null || seenAt >= entry.signalsAt) {
    entry.signalsAt = seenAt;
    return joined;
  }
  const { upvotes, stars, comments } = entry.record;
  return unlessSame(entry.record, {
    ...joined,
    upvotes: upvotes ?? joined.upvotes,
    stars: stars ?? joined.stars,
    comments: comments ?? joined.comments,
  });
}

const withKeysOf = (record: PaperRecord, joined: PaperRecord): PaperRecord =>
  unlessSame(record, { ...joined, arxivId: record.arxivId, doi: record.doi });

const unlessSame = (record: PaperRecord, changed: PaperRecord): PaperRecord =>
  sameRecord(changed, record) ? record : changed;

/** An arXiv id or DOI that another living paper carries stays with that one. */
function withOwnKeys(record: PaperRecord, entry: Entry, index: KeyIndex): PaperRecord {
  const taken = (key: string | null) => key !== null && index.owners(key).some((owner) => owner !== entry);
  const arxivTaken = taken(record.arxivId && `a:${record.arxivId}`);
  const doiTaken = taken(record.doi && `d:${record.doi}`);
  if (!arxivTaken && !doiTaken) return record;
  return {
    ...record,
    arxivId: arxivTaken ? entry.record.arxivId : record.arxivId,
    doi: doiTaken ? entry.record.doi : record.doi,
  };
}
