import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type FileFormat, openPapersFile, readPapers } from "../src/index.ts";

// Recorded answers that are not part of the project; the other tests stand without them.
const DATA = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));
const now = new Date("2026-08-01T00:00:00Z");

async function counts(format: FileFormat, ...names: string[]) {
  const found = { drafts: 0, refusals: [] as unknown[], withAbstract: 0, onArxiv: 0, dated: 0 };
  for (const name of names) {
    for await (const { draft, refusal } of readPapers(format, openPapersFile(DATA + name), { now })) {
      if (refusal) found.refusals.push(refusal);
      if (!draft) continue;
      found.drafts += 1;
      found.withAbstract += Number(draft.abstract !== "");
      found.onArxiv += Number(draft.arxivId !== undefined);
      found.dated += Number(draft.observedAt !== undefined);
    }
  }
  return found;
}

describe.skipIf(!existsSync(DATA))("recorded files", () => {
  test("papers-gate.txt is 85 papers", async () => {
    expect(await counts("text", "papers-gate.txt")).toEqual({
      drafts: 85,
      refusals: [],
      withAbstract: 85,
      onArxiv: 0,
      dated: 0,
    });
  });

  test("44 days of daily papers, nothing refused", async () => {
    const days = readdirSync(`${DATA}hf-daily`).map((name) => `hf-daily/${name}`);
    expect(days).toHaveLength(44);
    expect(await counts("hf", ...days)).toEqual({
      drafts: 925,
      refusals: [],
      withAbstract: 925,
      onArxiv: 925,
      dated: 925,
    });
  });

  test("observations of growth, without abstracts", async () => {
    expect(await counts("jsonl", "hf-growth.jsonl")).toEqual({
      drafts: 3139,
      refusals: [],
      withAbstract: 0,
      onArxiv: 3139,
      dated: 3139,
    });
  });

  test("18,682 arXiv papers, gzipped", async () => {
    expect(await counts("jsonl", "arxiv/corpus-18k.jsonl.gz")).toEqual({
      drafts: 18_682,
      refusals: [],
      withAbstract: 18_682,
      onArxiv: 18_682,
      dated: 18_682,
    });
  });

  test("the arXiv snapshot", async () => {
    expect(await counts("jsonl", "arxiv/snapshot-sample.jsonl")).toEqual({
      drafts: 200,
      refusals: [],
      withAbstract: 200,
      onArxiv: 200,
      dated: 0,
    });
  });
});
