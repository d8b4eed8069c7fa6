/** A set of papers: bit n of the words stands for the paper whose ordinal is n. */
export type Bitmap = Uint32Array;

/** An empty bitmap with room for `size` papers. */
export const emptyBitmap = (size: number): Bitmap => new Uint32Array((size + 31) >>> 5);

export function setBit(bits: Bitmap, ordinal: number): void {
  const word = ordinal >>> 5;
  bits[word] = (bits[word] ?? 0) | (1 << (ordinal & 31));
}

export function clearBit(bits: Bitmap, ordinal: number): void {
  const word = ordinal >>> 5;
  bits[word] = (bits[word] ?? 0) & ~(1 << (ordinal & 31));
}

export const hasBit = (bits: Bitmap, ordinal: number): boolean =>
  (((bits[ordinal >>> 5] ?? 0) >>> (ordinal & 31)) & 1) === 1;

/** Keeps in `target` what is also in `other`. */
export function intersect(target: Bitmap, other: Bitmap): Bitmap {
  for (let word = 0; word < target.length; word++) target[word] = (target[word] ?? 0) & (other[word] ?? 0);
  return target;
}

/** Adds to `target` what is in `other`. */
export function unite(target: Bitmap, other: Bitmap): Bitmap {
  for (let word = 0; word < target.length; word++) target[word] = (target[word] ?? 0) | (other[word] ?? 0);
  return target;
}

/** Takes out of `target` what is in `other`. */
export function subtract(target: Bitmap, other: Bitmap): Bitmap {
  for (let word = 0; word < target.length; word++) target[word] = (target[word] ?? 0) & ~(other[word] ?? 0);
  return target;
}

/** Bits set in one word (Warren, Hacker's Delight, 5-1). */
export function popcount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return (((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

export function countBits(bits: Bitmap): number {
  let count = 0;
  for (let word = 0; word < bits.length; word++) count += popcount(bits[word] ?? 0);
  return count;
}

/** The ordinals in a bitmap, ascending. */
export function ordinalsOf(bits: Bitmap): number[] {
  const ordinals: number[] = [];
  for (let word = 0; word < bits.length; word++) {
    for (let rest = bits[word] ?? 0; rest !== 0; rest &= rest - 1) ordinals.push(word * 32 + lowestBit(rest));
  }
  return ordinals;
}

/** The number of the lowest bit set in a word that is not 0. */
export const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);
