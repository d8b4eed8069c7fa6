/** Rows of numbered terms with weights, turned round: for each term the rows that hold it. */
export interface Postings {
  /** Adds `weight` times the term's weight in each row to the row's sum. */
  accumulate(term: number, weight: number, sums: Float64Array): void;
}

const ROWS_A_STEP = 32;
const TERMS_A_STEP = 512;

/** The rows that hold a term, ascending, and its weight in each. */
interface PackedList {
  readonly rows: Int32Array;
  readonly weights: Float64Array;
}

/** A row: term numbers, and a weight for each. */
export interface WeightedRow {
  readonly terms: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** Builds postings of rows, numbered from 0 as they come; stops now and then, so that others can have the thread. */
export function* createPostings(rows: Iterable<WeightedRow>): Generator<void, Postings> {
  const growing = new Map<number, { readonly rows: number[]; readonly weights: number[] }>();
  let row = 0;
  for (const { terms, weights } of rows) {
    for (let at = 0; at < terms.length; at++) {
      const term = terms[at] ?? 0;
      let list = growing.get(term);
      if (list === undefined) {
        list = { rows: [], weights: [] };
        growing.set(term, list);
      }
      list.rows.push(row);
      list.weights.push(weights[at] ?? 0);
    }
    row++;
    if (row % ROWS_A_STEP === 0) yield;
  }
  const lists = new Map<number, PackedList>();
  let packed = 0;
  for (const [term, { rows, weights }] of growing) {
    lists.set(term, { rows: Int32Array.from(rows), weights: Float64Array.from(weights) });
    growing.delete(term);
    if (++packed % TERMS_A_STEP === 0) yield;
  }
  return {
    accumulate(term, weight, sums) {
      const list = lists.get(term);
      if (list === undefined) return;
      const { rows, weights } = list;
      for (let at = 0; at < rows.length; at++) {
        (sums[rows[at] as number] as number) += weight * (weights[at] as number);
      }
    },
  };
}
