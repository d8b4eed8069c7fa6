import { jsonDepth } from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe("jsonDepth", () => {
  it("is the depth of what the text holds, whatever its strings say", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(jsonDepth(text, 1_000)).toBe(depthOf(value));
        expect(jsonDepth(new TextEncoder().encode(text), 1_000)).toBe(depthOf(value));
      }),
    );
    expect(jsonDepth('{"[[[[": "\\"[[[", "a": ["\\\\", [1]]}', 1_000)).toBe(3);
  });

  it("looks no further than it has to", () => {
    expect(jsonDepth("[".repeat(10_000_000), 16)).toBe(17);
  });
});
