import type { PaperDraft } from "@paperboy/core";
import { describe, expect, it } from "vitest";
import { placesOf } from "../src/arxiv/places.ts";
import { ARXIV_HOSTS, mirrorOf } from "../src/arxiv/policy.ts";
import { categoriesIn, scopeOf, searchOf, setOf } from "../src/arxiv/scope.ts";
import type { SourceSettings } from "../src/readers/settings.ts";

describe("what of arXiv a source is about", () => {
  it.each<[SourceSettings, string[] | null, string | null]>([
    [{ kind: "arxiv-rss", query: "cs.CL+hep-th" }, ["cs.CL", "hep-th"], null],
    [{ kind: "arxiv-oai", set: "cs" }, ["cs"], null],
    [{ kind: "arxiv-oai", set: "cs:cs:CL" }, ["cs.CL"], null],
    [{ kind: "arxiv-oai", set: "physics:hep-th" }, ["hep-th"], null],
    [{ kind: "arxiv-oai" }, ["all of arXiv"], null],
    [{ kind: "arxiv-api", query: "cat:cs.CL OR cat:math.*" }, ["cs.CL", "math"], null],
    [{ kind: "arxiv-api", query: "(cat:cs.CL)" }, ["cs.CL"], null],
    [
      { kind: "arxiv-api", query: "cat:cs.CL AND abs:gate" },
      ["cat:cs.CL AND abs:gate"],
      "cat:cs.CL AND abs:gate",
    ],
    [{ kind: "feed", url: "https://lab.example.org/feed" }, null, null],
  ])("%j", (settings, categories, search) =>
    expect(scopeOf(settings)).toEqual(categories && { categories, search }),
  );

  it.each([
    ["cs.CL", "cs:cs:CL"],
    ["cs", "cs"],
    ["hep-th", "physics:hep-th"],
    ["astro-ph.GA", "physics:astro-ph:GA"],
    ["q-bio.NC", "q-bio:q-bio:NC"],
    ["all of arXiv", undefined],
  ])("%s is the set %s", (category, set) => expect(setOf(category)).toBe(set));

  it("is asked of the API by category, or as the search it is", () => {
    expect(searchOf({ categories: ["cs.CL", "math", "hep-th"], search: null })).toBe(
      "cat:cs.CL OR cat:math.* OR cat:hep-th",
    );
    expect(searchOf({ categories: ["x"], search: "abs:gate" })).toBe("abs:gate");
  });

  it.each<[string[], PaperDraft["categories"], string[]]>([
    [["cs.CL", "cs.LG"], ["cs.LG", "stat.ML"], ["cs.LG"]],
    [
      ["cs", "stat.ML"],
      ["cs.LG", "stat.ML"],
      ["cs", "stat.ML"],
    ],
    [["cs.CL"], [], ["cs.CL"]],
    [["cs.CL"], ["CS.cl"], ["cs.CL"]],
    [["cs.C"], ["cs.CL"], []],
  ])("of %j a paper of %j is in %j", (categories, of, mine) =>
    expect(categoriesIn({ categories, search: null }, of)).toEqual(mine),
  );
});

describe("where a source's announcements are compared", () => {
  const rss: SourceSettings = { kind: "arxiv-rss", query: "cs.CL+cs.LG" };
  it("is all of arXiv's services, a feed for each category", () => {
    expect(placesOf(rss, ["cs.CL", "cs.LG"], undefined)).toEqual({
      ...ARXIV_HOSTS,
      rss: ["https://rss.arxiv.org/rss/cs.CL", "https://rss.arxiv.org/rss/cs.LG"],
    });
  });
  it("is a mirror, where there is one", () => {
    const mirror = mirrorOf("http://mirror.example.org/arxiv");
    expect(placesOf(rss, ["cs.CL"], mirror)).toEqual({
      rss: ["http://mirror.example.org/arxiv/rss/cs.CL"],
      oai: "http://mirror.example.org/arxiv/oai",
      api: "http://mirror.example.org/arxiv/api/query",
    });
  });
  it("is the source's own server only, when it has one", () => {
    const url = "https://other.example.org/feed";
    expect(placesOf({ ...rss, url }, ["cs.CL"], undefined)).toEqual({ rss: [url], oai: null, api: null });
    expect(placesOf({ kind: "arxiv-oai", url }, ["cs"], undefined)).toEqual({ rss: [], oai: url, api: null });
  });
});
