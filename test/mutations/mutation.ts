/** One fault put into the code on purpose, and the tests that should notice it. */
export interface Mutation {
  /** Path from the project's root. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** Test files, narrowest first. They run in the process of the tests: one that runs what is built sees no mutation. */
  readonly tests: readonly string[];
  /** Runs only the tests whose full names match, where a file is slow. */
  readonly named?: string;
  /** What a reader or an operator would suffer. */
  readonly why: string;
}
