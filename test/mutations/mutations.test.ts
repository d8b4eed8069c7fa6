import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { MUTATIONS } from "./table.ts";

const pathOf = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const named = MUTATIONS.map((mutation, place) => ({ number: place + 1, ...mutation }));

describe("the table of mutations", () => {
  it("breaks the code in forty places at least", () => {
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(MUTATIONS.map(({ file, from }) => `${file} ${from}`)).size).toBe(MUTATIONS.length);
  });

  it.each(named)("$number, $file: the text stands there once, and the tests are there", (mutation) => {
    const { file, from, to, tests } = mutation;
    expect(readFileSync(pathOf(file), "utf8").split(from), `'${from}' in ${file}`).toHaveLength(2);
    expect(to).not.toBe(from);
    expect(tests.filter((test) => !existsSync(pathOf(test)))).toEqual([]);
  });
});
