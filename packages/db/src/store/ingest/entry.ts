import type { PaperDraft, PaperRecord } from "@paperboy/core";

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
  /** Ids under which the source of this batch has shown it. */
  readonly shownAs: Set<string>;
  /** When the newest signals were seen; null while there are none. */
  signalsAt: Date | null;
  /** The entry this one was found to be the same as. */
  mergedInto?: Entry;
}

/** Follows an entry to the one it was found to be the same as. */
export function living(entry: Entry): Entry {
  let last = entry;
  while (last.mergedInto) last = last.mergedInto;
  return last;
}
