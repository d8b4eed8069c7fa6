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
  /** Lines for the footer. */
  readonly notes: readonly string[];
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

/**
 * The edition of a digest, cut to `extent`. One that is `shared` has no links to what is the reader's alone. Throws when  a link of the digest could not stand in a mail.
 */
export function digestView(digest: Digest, extent: Extent, cardOf: CardOf, shared = false): DigestView {
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
    notes: (digest.notes ?? []).slice(0, 3).map((note) => cleanLine(note, 200)),
  };
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

/** e.g. `Linear attention, State spaces: 7 new papers · Tue 24 Nov`; under 120 characters, one line. */
function subjectOf(digest: Digest, total: number, date: Date): string {
  const names = digest.sections
    .filter(({ papers }) => papers.length > 0)
    .map(({ name }) => cleanLine(name, 40) || "Untitled");
  const shown = names.slice(0, names.length === 3 ? 3 : 2);
  const rest = names.length - shown.length;
  const topics = cutAtWord(shown.join(", "), 80) + (rest > 0 ? ` and ${rest} more` : "");
  return `${topics || "Paperboy"}: ${countOf(digest, total)} · ${shortDay(date)}`;
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
