import { cleanLine, cutAtWord, type Digest, type DigestLinks, type DigestSection } from "@paperboy/core";
import { longDay, newPapers, newVersions, shortDay, wholeNumber } from "./format.ts";
import type { CardOf, PaperCard } from "./paper-card.ts";
import { safeUrl } from "./safe-url.ts";

/** A digest in the words a mail uses; what the template and the text part are filled from. */
export interface DigestView {
  readonly subject: string;
  readonly preheader: string;
  /** `Tuesday 24 November 2026` */
  readonly day: string;
  /** `7 new papers` */
  readonly count: string;
  readonly links: Required<DigestLinks>;
  readonly sections: readonly DigestViewSection[];
  /** What stands in the place of papers when there are none; empty otherwise. */
  readonly empty: string;
  /** Names the topics that found no room; empty when all did. */
  readonly omitted: string;
  /** What is in the edition, by section, each paper linked to its place; empty when a glance shows it anyway. */
  readonly contents: readonly ContentsSection[];
  /** Lines for the footer. */
  readonly notes: readonly string[];
  /** Who sends it, with the postal address when one is set; empty when nobody says. */
  readonly sender: string;
}

export interface ContentsSection {
  readonly name: string;
  readonly papers: readonly { readonly title: string; readonly anchor: string }[];
}

export interface DigestViewSection {
  readonly name: string;
  readonly query: string;
  /** `12 new papers, 5 of them here` */
  readonly summary: string;
  readonly papers: readonly PaperCard[];
  /** `7 more in Linear attention`; empty when nothing is left out. */
  readonly more: string;
  readonly moreUrl: string;
}

/** How much of a digest an edition shows, counted from its start. */
export interface Extent {
  readonly papers: number;
  readonly sections: number;
}

/** How an edition is shown. */
export interface DigestOptions {
  /** Whether others may see it: then it has no links to what is the reader's alone. */
  readonly shared?: boolean;
  readonly sender?: string;
}

/** A table of contents begins an edition with more papers than this. */
const SHORT_EDITION = 5;

/** The edition of a digest, cut to `extent`. Throws when a link of the digest could not stand in a mail. */
export function digestView(
  digest: Digest,
  extent: Extent,
  cardOf: CardOf,
  { shared = false, sender = "" }: DigestOptions = {},
): DigestView {
  const total = digest.sections.reduce(
    (sum, { kind, papers }) => sum + (kind === "replacements" ? 0 : papers.length),
    0,
  );
  const date = new Date(`${digest.date}T00:00:00Z`);
  const shown = digest.sections.slice(0, extent.sections);
  let room = extent.papers;
  const sections = shown.map((section) => {
    const papers = section.papers.slice(0, room);
    room -= papers.length;
    return sectionOf(
      section,
      papers.map((paper) => cardOf(paper, section.kind)),
    );
  });
  const left = digest.sections.length - shown.length;
  return {
    subject: subjectOf(digest, total, date),
    preheader: preheaderOf(digest),
    day: longDay(date),
    count: countOf(digest, total),
    links: checkLinks(shared ? withoutPrivate(digest.links) : digest.links, shared),
    sections,
    empty: digest.sections.length === 0 ? NOTHING_TODAY : "",
    omitted: left > 0 ? `${left} more ${left === 1 ? "topic" : "topics"} of this edition` : "",
    contents: contentsOf(sections),
    sender,
    notes: (digest.notes ?? []).slice(0, 3).map((note) => cleanLine(note, 200)),
  };
}

function contentsOf(sections: readonly DigestViewSection[]): ContentsSection[] {
  const count = sections.reduce((sum, { papers }) => sum + papers.length, 0);
  if (count <= SHORT_EDITION) return [];
  return sections
    .filter(({ papers }) => papers.length > 0)
    .map(({ name, papers }) => ({
      name,
      papers: papers.map(({ title, anchor }) => ({ title: cutAtWord(title, 90), anchor })),
    }));
}

function sectionOf(section: DigestSection, papers: readonly PaperCard[]): DigestViewSection {
  const total = Math.max(section.total, section.papers.length);
  const rest = total - papers.length;
  const name = cleanLine(section.name, 80) || "Untitled";
  const moreUrl = safeUrl(section.moreUrl) ?? "";
  return {
    name,
    query: cleanLine(section.query ?? "", 120),
    summary: summaryOf(section.kind, total, papers.length),
    papers,
    more: rest > 0 && moreUrl ? `${wholeNumber(rest)} more in ${name}` : "",
    moreUrl,
  };
}

const NOTHING_TODAY =
  "No new paper for you today. Your topics are read on, and the next ones come as they appear.";

const countOf = (digest: Digest, total: number): string => {
  if (digest.sections.length === 0) return "nothing new";
  return total === 0 ? newVersions(revised(digest)) : newPapers(total);
};

const revised = ({ sections }: Digest) =>
  sections.reduce((sum, { kind, papers }) => sum + (kind === "replacements" ? papers.length : 0), 0);

function summaryOf(kind: DigestSection["kind"], total: number, here: number): string {
  if (kind === "replacements") return newVersions(total);
  if (here === total) return newPapers(total);
  return kind === "trending"
    ? `The top ${here} of ${newPapers(total)}`
    : `${newPapers(total)}, ${here} of them here`;
}

/** e.g. `Gated DeltaNet-2 and 6 more · Linear attention, Trending`; under 120 characters, one line. */
function subjectOf(digest: Digest, total: number, date: Date): string {
  const filled = digest.sections.filter(({ papers }) => papers.length > 0);
  const first = filled[0]?.papers[0];
  if (first === undefined) return `Paperboy: ${countOf(digest, total)} · ${shortDay(date)}`;
  const others = filled.reduce((sum, { papers }) => sum + papers.length, 0) - 1;
  const headline = shortTitle(first.paper.title) + (others > 0 ? ` and ${others} more` : "");
  const names = filled.map(({ name }) => cleanLine(name, 40) || "Untitled");
  const shown = names.slice(0, names.length === 3 ? 3 : 2);
  const rest = names.length - shown.length;
  return `${headline} · ${cutAtWord(shown.join(", "), 50)}${rest > 0 ? ` and ${rest} more` : ""}`;
}

const HEADLINE = 48;

/** What people call a paper: what stands before the colon of its title when that is a name, or the beginning of it. */
function shortTitle(title: string): string {
  const clean = cleanLine(title, 240);
  const [name = "", rest] = clean.split(/: /, 2);
  const called = rest !== undefined && name.length >= 3 && name.length <= HEADLINE ? name : clean;
  if (called.length <= HEADLINE) return called || "A paper";
  const cut = cutAtWord(called, HEADLINE);
  const space = cut.lastIndexOf(" ");
  return space > HEADLINE / 2 ? `${cut.slice(0, space)}…` : cut;
}

function preheaderOf({ sections }: Digest): string {
  if (sections.length === 0) return NOTHING_TODAY;
  const titles = sections.flatMap(({ papers }) => papers.slice(0, 4)).slice(0, 4);
  return cleanLine(titles.map(({ paper }) => cleanLine(paper.title, 140)).join(" · "), 160);
}

const withoutPrivate = ({ view }: DigestLinks): DigestLinks => ({ view, manage: "", unsubscribe: "" });

function checkLinks(links: DigestLinks, shared: boolean): Required<DigestLinks> {
  const checked = (name: "view" | "manage" | "unsubscribe") => {
    if (shared && links[name] === "") return "";
    const url = safeUrl(links[name]);
    if (!url) throw new Error(`the ${name} link of a digest is not an http address: ${links[name]}`);
    return url;
  };
  const mark = shared ? "" : (safeUrl(links.mark ?? null) ?? "");
  return { view: checked("view"), manage: checked("manage"), unsubscribe: checked("unsubscribe"), mark };
}
