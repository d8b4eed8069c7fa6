import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { detectFormat, type FeedFormat, readFeedPage, readOaiPage } from "../src/index.ts";

const now = new Date("2026-08-01T00:00:00Z");

// Recorded answers that are not part of the project; the other tests stand without them.
const DATA = fileURLToPath(new URL("../../../../shared/data/arxiv/", import.meta.url));

describe.skipIf(!existsSync(DATA))("recorded answers", () => {
  test.each<[string, FeedFormat, number, object, object]>([
    [
      "atom-15.xml",
      "arxiv-atom",
      15,
      { total: 214_881, startIndex: 0 },
      { dois: 6, published: 15, types: "" },
    ],
    ["atom-old-id.xml", "arxiv-atom", 1, { total: 1 }, { dois: 0, published: 1, types: "" }],
    ["atom-unknown-id.xml", "arxiv-atom", 0, { total: 0 }, { dois: 0, published: 0, types: "" }],
    [
      "rss-2025-08-20.xml",
      "arxiv-rss",
      7,
      { feedDate: new Date("2025-08-20T04:00:19.866Z") },
      { dois: 0, published: 2, types: "cross cross cross cross cross new new" },
    ],
    ["rss-cs-ai.xml", "arxiv-rss", 3, { skipDays: ["Saturday", "Sunday"] }, { types: "new new new" }],
    ["rss-cs-cl.xml", "arxiv-rss", 3, { feedDate: new Date("2026-04-27T04:00:00Z") }, { published: 3 }],
    ["rss-weekend-empty.xml", "arxiv-rss", 0, { skipDays: ["Sunday", "Saturday"] }, { published: 0 }],
  ])("%s, as %s, is %i papers", (name, format, count, page, found) => {
    const bytes = readFileSync(DATA + name);
    expect(detectFormat(name, bytes.toString("utf8", 0, 4_000))).toBe(format);
    const read = readFeedPage(bytes, format, now);
    expect(read).toMatchObject(page);
    const drafts = read.records.flatMap(({ draft }) => draft ?? []);
    expect([read.records.length, drafts.length]).toEqual([count, count]);
    expect({
      dois: drafts.filter(({ doi }) => doi).length,
      published: drafts.filter(({ publishedAt }) => publishedAt).length,
      types: drafts.flatMap(({ announceType }) => announceType ?? []).join(" "),
    }).toMatchObject(found);
    for (const draft of drafts) {
      expect(draft.abstract).not.toMatch(/^$|Announce Type/);
      expect(draft).toMatchObject({
        version: expect.any(Number),
        authors: expect.arrayContaining([expect.any(String)]),
      });
      expect(draft.categories?.length).toBeGreaterThan(0);
    }
  });

  test.each([
    ["oai-053.xml.gz", 217, "1122234|53001", "This paper has been withdrawn"],
    ["oai-088.xml.gz", 65, "1122234|88001", "This paper has been withdrawn"],
  ])("%s is 1,000 papers, %i with a DOI", (name, dois, token, remark) => {
    const bytes = gunzipSync(readFileSync(DATA + name));
    const { records, ...page } = readOaiPage(bytes, now);
    expect(page).toEqual({ resumptionToken: token, completeListSize: 102_538 });
    const drafts = records.flatMap(({ draft }) => draft ?? []);
    expect(drafts).toHaveLength(1_000);
    expect(drafts.filter(({ doi }) => doi)).toHaveLength(dois);
    expect(
      drafts.every(({ abstract, authors, publishedAt }) => abstract && authors.length && publishedAt),
    ).toBe(true);
    const said = bytes.toString().split(`<comments>${remark}`).length - 1;
    expect(said).toBeGreaterThan(0);
    expect(drafts.filter(({ withdrawn }) => withdrawn).length).toBeGreaterThanOrEqual(said);
  });
});
