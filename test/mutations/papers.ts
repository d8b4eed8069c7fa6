import type { Mutation } from "./mutation.ts";

/** In the rows of papers: search, merges, ingesting, sources. */
export const PAPER_MUTATIONS: readonly Mutation[] = [
  {
    file: "packages/db/src/search/archive.ts",
    from: "some.length > limit ? writeCursor",
    to: "some.length >= limit ? writeCursor",
    tests: ["packages/db/test/archive.test.ts"],
    why: "a link leads to a page with nothing on it",
  },
  {
    file: "packages/db/src/store/searches.ts",
    from: "pool.waitingCount >= MAX_WAITING",
    to: "pool.waitingCount >= MAX_WAITING * 1_000",
    tests: ["packages/db/test/strangers.test.ts"],
    why: "a burst of searches piles up in memory",
  },
  {
    file: "packages/db/src/library/strangers.ts",
    from: "window.index.requireAffordable(query);",
    to: "",
    tests: ["packages/db/test/strangers.test.ts"],
    why: "a hostile query holds Postgres until its deadline",
  },
  {
    file: "packages/db/src/store/merges.ts",
    from: "WHERE m.id = $1 AND m.undone_at IS NULL AND",
    to: "WHERE m.id = $1 AND",
    tests: ["packages/db/test/merges.test.ts"],
    why: "a merge undone twice turns papers back to what they were long ago",
  },
  {
    file: "packages/db/src/store/merges.ts",
    from: "await run(GO_BACK_TOO, [merge.merged]);",
    to: "",
    tests: ["packages/db/test/merges.test.ts"],
    why: "a paper that was merged before leads to the wrong one",
  },
  {
    file: "packages/db/src/store/ingest/resolve.ts",
    from: "if (isUnmerged || !mayBeOne",
    to: "if (!mayBeOne",
    tests: ["packages/db/test/merges.test.ts"],
    why: "what an operator took apart is joined by the next reading",
  },
  {
    file: "packages/db/src/store/ingest/resolve.ts",
    from: "seenAt >= entry.signalsAt",
    to: "seenAt < entry.signalsAt",
    tests: ["packages/db/test/ingest.test.ts"],
    why: "old votes stand in place of new ones",
  },
  {
    file: "packages/db/src/store/ingest/ingest.ts",
    from: 'await lockToWritePapers(query, "ingest");',
    to: "",
    tests: ["packages/db/test/ingest.test.ts"],
    why: "two processes make two papers of one",
  },
  {
    file: "packages/db/src/store/papers.ts",
    from: "(SELECT max(watermark) FROM subscriptions), 0)",
    to: "0)",
    tests: ["packages/db/test/watermarks.test.ts"],
    why: "a seq is used again, and a paper lies below every watermark",
  },
  {
    file: "packages/db/src/store/source-claims.ts",
    from: "AND ($4 OR NOT",
    to: "AND (true OR $4 OR NOT",
    tests: ["packages/db/test/sources.test.ts"],
    why: "arXiv is asked by two at once, and bans us",
  },
  {
    file: "packages/db/src/store/source-days.ts",
    from: "announced = ARRAY(SELECT unnest(source_days.announced) UNION SELECT unnest(EXCLUDED.announced))",
    to: "announced = EXCLUDED.announced",
    tests: ["packages/db/test/sources.test.ts"],
    why: "what arXiv announced is forgotten when one of its services fails",
  },
];
