import { describe, it } from "vitest";

/** Something a machine may lack, and some suites cannot run without. */
export interface Requirement {
  /** As it is written in PAPERBOY_REQUIRE. */
  readonly name: "redis" | "browser";
  /** Why it cannot be had here; null when it can. */
  readonly missing: string | null;
}

/** Marks a suite that was left out; the summary of a run looks for it in the names of the suites. */
export const LEFT_OUT = "left out: ";

/**
 * `describe` for suites that need something. Where that is missing the suite is left out, and says why in its name;
 * when PAPERBOY_REQUIRE names it, the suite fails instead.
 */
export function describeWith(requirement: Requirement): (name: string, suite: () => void) => void {
  const { missing } = requirement;
  return (name, suite) => {
    if (missing === null) describe(name, suite);
    else if (isRequired(requirement.name)) describe(name, () => failAs(missing));
    else describe.skip(`${name} (${LEFT_OUT}${missing})`, suite);
  };
}

function failAs(missing: string): void {
  it("has what it needs", () => {
    throw new Error(`${missing}, and PAPERBOY_REQUIRE asks for it`);
  });
}

/** Whether PAPERBOY_REQUIRE (names, separated by commas) holds `name`. */
export function isRequired(name: string, list = process.env.PAPERBOY_REQUIRE ?? ""): boolean {
  return list.split(/[\s,]+/).includes(name);
}
