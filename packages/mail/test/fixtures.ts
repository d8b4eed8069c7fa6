import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Digest, DigestPaper, DigestSection, Paper } from "@paperboy/core";
import { onTestFinished } from "vitest";

export const templatesDir = fileURLToPath(new URL("../../../templates", import.meta.url));

export const links = {
  view: "https://paperboy.example/digests/v1",
  manage: "https://paperboy.example/manage?token=m1&x=2",
  unsubscribe: "https://paperboy.example/unsubscribe?token=u1",
};

export function paper(fields: Partial<Paper> = {}): Paper {
  return {
    id: 1,
    seq: 1,
    title: "Gated attention for long documents",
    abstract: "We gate attention. It helps on long documents.",
    authors: ["Ada Lovelace", "Alan Turing"],
    arxivId: "2601.00001",
    version: 1,
    doi: null,
    categories: ["cs.CL", "cs.LG"],
    keywords: [],
    sources: ["arXiv"],
    url: "https://arxiv.org/abs/2601.00001",
    pdfUrl: "https://arxiv.org/pdf/2601.00001",
    codeUrl: null,
    projectUrl: null,
    upvotes: null,
    stars: null,
    comments: null,
    publishedAt: new Date("2026-11-23T10:00:00Z"),
    announcedAt: null,
    ...fields,
  };
}

export function entry(fields: Partial<Paper> = {}, matched: readonly string[] = ["gate"]): DigestPaper {
  return { paper: paper(fields), matched, reason: null };
}

export function section(fields: Partial<DigestSection> = {}): DigestSection {
  const papers = fields.papers ?? [entry()];
  return {
    kind: "topic",
    name: "Gates",
    query: "gate*",
    papers,
    total: papers.length,
    moreUrl: "https://paperboy.example/search?q=gate*",
    ...fields,
  };
}

export function digest(...sections: DigestSection[]): Digest {
  return { date: "2026-11-24", sections: sections.length > 0 ? sections : [section()], links };
}

/** A directory that is gone when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "paperboy-mail-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
