import { LEFT_OUT } from "./requirement.ts";

/** What the sum needs of a finished test file; a TestModule of Vitest is one. */
export interface FinishedModule {
  /** Errors outside of any test: a file that cannot be loaded. */
  errors(): readonly unknown[];
  readonly children: {
    allTests(): Iterable<{ result(): { readonly state: string } }>;
    allSuites(): Iterable<{ readonly fullName: string; errors(): readonly unknown[] }>;
  };
}

export interface Tally {
  readonly passed: number;
  /** Failed tests, and what fails without a test: set-up of a suite, a file, an error nobody caught. */
  readonly failed: number;
  readonly skipped: number;
  /** Names of the suites that were left out, each with its reason. */
  readonly leftOut: readonly string[];
}

/** Sums a run up over all its files; `stray` are the errors that no test caught. */
export function tally(modules: readonly FinishedModule[], stray: readonly unknown[] = []): Tally {
  const states = modules.flatMap((module) =>
    [...module.children.allTests()].map((test) => test.result().state),
  );
  const suites = modules.flatMap((module) => [...module.children.allSuites()]);
  const count = (state: string) => states.filter((one) => one === state).length;
  const broken = [...modules, ...suites].filter((part) => part.errors().length > 0).length;
  return {
    passed: count("passed"),
    failed: count("failed") + broken + stray.length,
    skipped: states.length - count("passed") - count("failed"),
    leftOut: suites.map((suite) => suite.fullName).filter((name) => name.includes(LEFT_OUT)),
  };
}

/** The last line of a run, plain, so that tools can read it. */
export const tallyLine = ({ passed, failed }: Tally): string => `${passed} passed, ${failed} failed`;

/** 0 only when something ran and nothing failed. */
export function exitCode({ passed, failed }: Tally): 0 | 1 {
  return failed > 0 || passed === 0 ? 1 : 0;
}
