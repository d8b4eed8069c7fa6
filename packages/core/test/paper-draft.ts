import type { PaperDraft } from "../src/index.ts";

export const draft = (fields: Partial<PaperDraft> = {}): PaperDraft => ({
  externalId: "x-1",
  title: "Attention Is All You Need",
  abstract: "We propose a new network architecture.",
  authors: ["Ashish Vaswani", "Noam Shazeer"],
  ...fields,
});
