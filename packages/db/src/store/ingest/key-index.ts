import { type IdentityKeys, identityKeys, type PaperDraft, titleKeyParts } from "@paperboy/core";
import { type Entry, living } from "./entry.ts";

/** Living entries by every key they have had; a title stands there without its author, whom a source may not name. */
export type KeyIndex = ReturnType<typeof keyIndex>;

export function keyIndex() {
  const byKey = new Map<string, Entry[]>();
  const owners = (key: string): Entry[] => {
    const entries = byKey.get(key);
    return entries === undefined ? [] : [...new Set(entries.map(living))];
  };
  return {
    owners,
    remember(entry: Entry): Entry {
      for (const key of [
        ...keysOf(entry.record),
        ...[...entry.aliases].map(titleOf),
        ...[...entry.shownAs].map(shownAs),
      ]) {
        const list = byKey.get(key);
        if (list === undefined) byKey.set(key, [entry]);
        else if (!list.includes(entry)) list.push(entry);
      }
      return entry;
    },
    find(draft: PaperDraft): Entry[] {
      const shown = owners(shownAs(draft.externalId));
      const found = keysOf(identityKeys(draft)).flatMap(owners);
      return [...new Set(shown.length > MAX_NAMESAKES ? found : [...found, ...shown])];
    },
  };
}

function keysOf({ arxivId, doi, titleKey }: IdentityKeys): string[] {
  const all = [titleOf(titleKey)];
  if (doi !== null) all.unshift(`d:${doi}`);
  if (arxivId !== null) all.unshift(`a:${arxivId}`);
  return all;
}

/** An id that a source gives to more papers than this tells none of them. */
const MAX_NAMESAKES = 3;
const shownAs = (externalId: string) => `x:${externalId}`;
const titleOf = (titleKey: string) => `t:${titleKeyParts(titleKey).title}`;
