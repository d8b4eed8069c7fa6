import {
  enrich,
  identityKeys,
  isSamePaper,
  joinRecords,
  mayBeOne,
  newRecord,
  type PaperDraft,
  type PaperRecord,
} from "@paperboy/core";

/** A paper touched by a batch: stored already (`id`) or new, as it was and as it becomes. */
export interface Entry {
  id: number | undefined;
  readonly seq: number | null;
  readonly before: PaperRecord | undefined;
  record: PaperRecord;
  /** The draft a new paper was made from, while nothing else has changed it. */
  origin: PaperDraft | undefined;
  /** Title keys of papers that were merged into this one. */
  readonly aliases: Set<string>;
  /** The entry this one was found to be the same as. */
  mergedInto?: Entry;
}

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
  /** Pairs an operator has parted, as `lower:higher`; they are never joined again. */
  readonly parted: ReadonlySet<string>;
}

export const pairKey = (a: number, b: number): string => `${Math.min(a, b)}:${Math.max(a, b)}`;

/** Finds or makes the entry of each draft, in order, so that later drafts of a batch enrich earlier ones. */
export function resolve(
  stored: readonly Entry[],
  drafts: readonly PaperDraft[],
  context: ResolveContext,
): Resolution {
  const book = keyBook();
  const mergings: Merging[] = [];
  for (const entry of stored) book.remember(entry);
  const placed = drafts.map((draft) => {
    const same = book.find(draft).filter((entry) => isEntryOf(entry, draft));
    const kept = same.toSorted(oldestFirst)[0];
    if (kept === undefined) {
      const record = newRecord(draft, context.source, context.now);
      return { draft, entry: book.remember(made(record, draft)) };
    }
    for (const other of same) {
      if (other !== kept && maySettle(kept, other, context)) mergings.push(join(kept, other, draft, book));
    }
    const joined = enrich(kept.record, draft, context.source, context.now);
    if (joined !== kept.record) kept.origin = undefined;
    kept.record = withOwnKeys(joined, kept, book);
    return { draft, entry: book.remember(kept) };
  });
  const arrivals = placed.map(({ draft, entry }) => ({ draft, entry: living(entry) }));
  const entries = [...new Set(arrivals.map(({ entry }) => entry))];
  const storedOnes = mergings.filter(({ merged }) => merged.id !== undefined);
  return { arrivals, entries, mergings: storedOnes };
}

const made = (record: PaperRecord, origin: PaperDraft): Entry => ({
  id: undefined,
  seq: null,
  before: undefined,
  record,
  origin,
  aliases: new Set(),
});

function living(entry: Entry): Entry {
  let last = entry;
  while (last.mergedInto) last = last.mergedInto;
  return last;
}

function isEntryOf(entry: Entry, draft: PaperDraft): boolean {
  if (isSamePaper(entry.record, draft)) return true;
  const keys = identityKeys(draft);
  return keys.arxivId === null && keys.doi === null && entry.aliases.has(keys.titleKey);
}

/** What readers were shown first stays: announced before not, then the older row, then the one met first. */
function oldestFirst(a: Entry, b: Entry): number {
  const last = Number.MAX_SAFE_INTEGER;
  return (a.seq ?? last) - (b.seq ?? last) || (a.id ?? last) - (b.id ?? last);
}

function maySettle(kept: Entry, other: Entry, { parted }: ResolveContext): boolean {
  const isParted = kept.id !== undefined && other.id !== undefined && parted.has(pairKey(kept.id, other.id));
  return !isParted && mayBeOne(kept.record, other.record);
}

function join(kept: Entry, merged: Entry, draft: PaperDraft, book: KeyBook): Merging {
  const keptBefore = kept.before ?? kept.record;
  const mergedBefore = merged.before ?? merged.record;
  for (const alias of [merged.record.titleKey, ...merged.aliases]) kept.aliases.add(alias);
  kept.record = joinRecords(kept.record, merged.record);
  kept.origin = undefined;
  merged.mergedInto = kept;
  book.remember(kept);
  return { kept, merged, keptBefore, mergedBefore, reason: `both are ${draft.externalId}` };
}

/** An arXiv id or DOI that another living paper carries stays with that one. */
function withOwnKeys(record: PaperRecord, entry: Entry, book: KeyBook): PaperRecord {
  const taken = (key: string | null) => key !== null && book.owners(key).some((owner) => owner !== entry);
  const arxivTaken = taken(record.arxivId && `a:${record.arxivId}`);
  const doiTaken = taken(record.doi && `d:${record.doi}`);
  if (!arxivTaken && !doiTaken) return record;
  return {
    ...record,
    arxivId: arxivTaken ? entry.record.arxivId : record.arxivId,
    doi: doiTaken ? entry.record.doi : record.doi,
  };
}

type KeyBook = ReturnType<typeof keyBook>;

/** Living entries by every key they have had. */
function keyBook() {
  const byKey = new Map<string, Entry[]>();
  const owners = (key: string) => [...new Set((byKey.get(key) ?? []).map(living))];
  return {
    owners,
    remember(entry: Entry): Entry {
      const titles = [...entry.aliases].map((alias) => `t:${alias}`);
      for (const key of [...keysOf(entry.record), ...titles]) {
        const list = byKey.get(key);
        if (list === undefined) byKey.set(key, [entry]);
        else if (!list.includes(entry)) list.push(entry);
      }
      return entry;
    },
    find: (draft: PaperDraft): Entry[] => [...new Set(keysOf(identityKeys(draft)).flatMap(owners))],
  };
}

function keysOf(keys: { arxivId: string | null; doi: string | null; titleKey: string }): string[] {
  const all = [`t:${keys.titleKey}`];
  if (keys.doi !== null) all.unshift(`d:${keys.doi}`);
  if (keys.arxivId !== null) all.unshift(`a:${keys.arxivId}`);
  return all;
}
