import { describe, expect, it } from "vitest";
import { parseQuery } from "../../src/topic/parse.ts";
import { printQuery } from "../../src/topic/print.ts";
import type { FilterQuery } from "../../src/topic/query-filters.ts";
import { filtersOf, withFilter, withoutFilter } from "../../src/topic/query-filters.ts";

const parse = (text: string) => parseQuery(text, { dates: true });
const filter = (text: string) => parse(text) as FilterQuery;

describe("filters of a query", () => {
  it.each([
    ["gate", []],
    ["gate category:cs.CL has:code", ["category:cs.cl", "has:code"]],
    ["category:cs.*", ["category:cs.*"]],
    ["gate OR category:cs.CL", []],
    ["gate -category:cs.CL after:2026-01", ["after:2026-01-01"]],
  ])("%s", (query, expected) => expect(filtersOf(parse(query)).map(printQuery)).toEqual(expected));

  it.each([
    ["gate", "category:cs.CL", "gate category:cs.cl"],
    ["gate OR mamba", "has:code", "(gate OR mamba) has:code"],
    ["gate has:code", "has:code", "gate has:code"],
    ["gate after:2026-01", "after:2026-05", "gate after:2026-05-01"],
    ["after:2026-01", "after:2026-05", "after:2026-05-01"],
    ["gate before:2026-01", "after:2025", "gate before:2026-01-01 after:2025-01-01"],
  ])("%s and %s", (query, more, expected) => {
    expect(printQuery(withFilter(parse(query), filter(more)))).toBe(expected);
  });

  it.each([
    ["gate category:cs.CL", "category:cs.CL", "gate"],
    ["gate category:cs.CL has:code", "category:cs.CL", "gate has:code"],
    ["category:cs.CL", "category:cs.CL", null],
    ["category:cs.CL -gate", "category:cs.CL", null],
    ["gate OR mamba", "has:code", "gate OR mamba"],
  ])("%s without %s", (query, less, expected) => {
    const left = withoutFilter(parse(query), filter(less));
    expect(left && printQuery(left)).toBe(expected);
  });
});
