/** Lexemes by number and back; a number is used again when its lexeme has left. */
export interface Vocabulary {
  readonly size: number;
  /** One more than the highest number in use. */
  readonly capacity: number;
  idOf(lexeme: string): number | undefined;
  /** The number of a lexeme, given now if it is new. */
  intern(lexeme: string): number;
  release(id: number): void;
  /** The numbers of all lexemes that begin with `prefix`. */
  beginningWith(prefix: string): number[];
  /** How many lexemes begin with `prefix`, without a look at each. */
  countBeginningWith(prefix: string): number;
  /** Puts in order what is new, which the next prefix would otherwise wait for. */
  sort(): void;
  /** Roughly what it holds in memory. */
  bytes(): number;
}

export function createVocabulary(): Vocabulary {
  const ids = new Map<string, number>();
  const lexemes: (string | undefined)[] = [];
  const free: number[] = [];
  let sorted: string[] = [];
  let fresh: string[] = [];
  let stale = false;
  let letters = 0;

  /** Sorting is deferred until a prefix asks, and then only what is new is sorted. */
  const inOrder = (): string[] => {
    if (stale) sorted = sorted.filter((lexeme) => ids.has(lexeme));
    if (fresh.length > 0)
      sorted = mergeSorted(sorted, [...new Set(fresh)].filter((word) => ids.has(word)).sort());
    stale = false;
    fresh = [];
    return sorted;
  };

  return {
    get size() {
      return ids.size;
    },
    get capacity() {
      return lexemes.length;
    },
    idOf: (lexeme) => ids.get(lexeme),
    intern(lexeme) {
      const known = ids.get(lexeme);
      if (known !== undefined) return known;
      const id = free.pop() ?? lexemes.length;
      lexemes[id] = lexeme;
      ids.set(lexeme, id);
      fresh.push(lexeme);
      letters += lexeme.length;
      return id;
    },
    release(id) {
      const lexeme = lexemes[id];
      if (lexeme === undefined) return;
      ids.delete(lexeme);
      lexemes[id] = undefined;
      free.push(id);
      stale = true;
      letters -= lexeme.length;
    },
    beginningWith(prefix) {
      const all = inOrder();
      const found: number[] = [];
      for (let at = lowerBound(all, prefix); all[at]?.startsWith(prefix); at++) {
        found.push(ids.get(all[at] ?? "") ?? 0);
      }
      return found;
    },
    countBeginningWith(prefix) {
      const all = inOrder();
      // No lexeme holds U+FFFF, which stands behind every other character.
      return lowerBound(all, `${prefix}\uffff`) - lowerBound(all, prefix);
    },
    sort: () => void inOrder(),
    bytes: () => letters + ids.size * 90,
  };
}

/** Merges two ascending lists; one that came back after it had left stands in both. */
function mergeSorted(a: readonly string[], b: readonly string[]): string[] {
  const merged: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const left = a[i];
    const right = b[j];
    const takeLeft = right === undefined || (left !== undefined && left <= right);
    if (takeLeft && left === right) j++;
    const next = takeLeft ? left : right;
    if (next !== undefined) merged.push(next);
    if (takeLeft) i++;
    else j++;
  }
  return merged;
}

function lowerBound(sorted: readonly string[], lexeme: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? "") < lexeme) low = middle + 1;
    else high = middle;
  }
  return low;
}
