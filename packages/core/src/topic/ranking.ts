/** Items, known by their numbers from 0, in the order of their rank; put in order only as far as they are asked for. */
export interface Ranking {
  readonly size: number;
  /** The item of a rank, counting from 0; undefined behind the last. */
  at(rank: number): number | undefined;
}

/**
 * Ranks items by `before`, which has to be a total order: a heap in linear time, and a logarithm of steps for each rank that
 * is asked for (Floyd's heap construction; Knuth, The Art of Computer Programming, 5.2.3).
 */
export function createRanking(items: number, before: (a: number, b: number) => boolean): Ranking {
  const heap = Int32Array.from({ length: items }, (_, item) => item);
  const ranked: number[] = [];
  let size = items;

  const sift = (from: number): void => {
    const item = heap[from] as number;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && before(heap[child + 1] as number, heap[child] as number)) child++;
      if (!before(heap[child] as number, item)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = item;
  };
  for (let at = (size >>> 1) - 1; at >= 0; at--) sift(at);

  return {
    size: items,
    at(rank) {
      while (ranked.length <= rank && size > 0) {
        ranked.push(heap[0] as number);
        heap[0] = heap[--size] as number;
        sift(0);
      }
      return ranked[rank];
    },
  };
}
