/** Rows of numbered terms with weights, turned round: for each term the rows that hold it. */
export interface Postings {
  /** Adds `weight` times the term's weight in each row to the row's sum. */
  accumulate(term: number, weight: number, sums: Float64Array): void;
}

const ROWS_A_STEP = 32;

/** A row: term numbers, and a weight for each. */
export interface WeightedRow {
  readonly terms: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** Builds postings of rows, numbered from 0 as they come; stops now and then, so that others can have the thread. */
export function* createPostings(rows: Iterable<WeightedRow>): Generator<void, Postings> {
  const lists = new Map<number, { readonly rows: number[]; readonly weights: number[] }>();
  let row = 0;
  for (const { terms, weights } of rows) {
    for (let at = 0; at < terms.length; at++) {
      const term = terms[at] ?? 0;
      let list = lists.get(term);
      if (list === undefined) {
        list = { rows: [], weights: [] };
        lists.set(term, list);
      }
      list.rows.push(row);
      list.weights.push(weights[at] ?? 0);
    }
    row++;
    if (row % ROWS_A_STEP === 0) yield;
  }
  return {
    accumulate(term, weight, sums) {
      const list = lists.get(term);
      if (list === undefined) return;
      for (let at = 0; at < list.rows.length; at++) {
        const place = list.rows[at] ?? 0;
        sums[place] = (sums[place] ?? 0) + weight * (list.weights[at] ?? 0);
      }
    },
  };
}
