import type { Digest, Paper } from "@paperboy/core";
import { TemplateError } from "./compile-templates.ts";
import type { Renderer } from "./renderer.ts";

const SITE = "https://paperboy.example/";

const PAPER: Paper = {
  id: 1,
  seq: 1,
  title: "Probe of a title",
  abstract: "Probe of an abstract.",
  authors: ["Ada Lovelace"],
  arxivId: null,
  version: null,
  doi: null,
  categories: ["cs.CL"],
  keywords: [],
  sources: ["probe"],
  url: `${SITE}paper`,
  pdfUrl: `${SITE}pdf`,
  codeUrl: `${SITE}code`,
  projectUrl: null,
  upvotes: 1,
  stars: null,
  comments: null,
  publishedAt: new Date(0),
  announcedAt: null,
};

const DIGEST: Digest = {
  date: "2026-11-24",
  sections: [
    {
      kind: "topic",
      name: "Probe",
      query: "probe",
      papers: [{ paper: PAPER, matched: ["probe"], reason: null }],
      total: 2,
      moreUrl: `${SITE}more`,
    },
  ],
  links: { view: `${SITE}view`, manage: `${SITE}manage`, unsubscribe: `${SITE}unsubscribe` },
};

/** Renders a small digest; throws TemplateError when something no mail may lack is not in it. */
export function probeDigest(renderer: Renderer, file: string): void {
  const { html } = renderer.digest(DIGEST);
  const { view, manage, unsubscribe } = DIGEST.links;
  for (const needed of [view, manage, unsubscribe, PAPER.title, PAPER.url, `${SITE}more`])
    demand(html, needed, file);
}

/** Renders a confirmation; throws TemplateError when its link is not in it. */
export function probeConfirmation(renderer: Renderer, file: string): void {
  const confirmUrl = `${SITE}confirm`;
  demand(renderer.confirmation({ confirmUrl, validDays: 7 }).html, confirmUrl, file);
}

/** Renders a mail with a new link; throws TemplateError when the link is not in it. */
export function probeLink(renderer: Renderer, file: string): void {
  const manageUrl = `${SITE}manage`;
  demand(renderer.link({ manageUrl, validDays: 90 }).html, manageUrl, file);
}

function demand(html: string, needed: string, file: string): void {
  if (!html.includes(needed))
    throw new TemplateError(`${file} has no place for ${needed.replace(SITE, "the link: ")}`);
}
