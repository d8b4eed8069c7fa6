import { fillMarks, type Pieces } from "./compose/pieces.ts";
import type { DigestView, DigestViewSection } from "./digest-view.ts";
import { MATCHED, type PaperCard, REASON, sharedLines } from "./paper-card.ts";

const WIDTH = 72;
const INDENT = "    ";

/**
 * The plain-text part of an edition, laid out for reading: wrapped, numbered, every link on a line of its own. The number of a
 * card, the words that matched and the reason stand in lines of the reader's own; its other lines are shared.
 */
export function digestText(view: DigestView): Pieces {
  let number = 0;
  const sections = view.sections.flatMap((section) => {
    const papers = section.papers.flatMap((card) => {
      number += 1;
      const start = titleLines(card)[0] ?? "";
      const head = `${`${number}.`.padEnd(INDENT.length)}${start.slice(INDENT.length)}`;
      return ["", head, ...cardText(card), ...markLines(view.links.mark, card)];
    });
    return [...sectionHead(section), ...papers, ...sectionFoot(section)];
  });
  const omitted = view.omitted ? ["", `${view.omitted}:`, view.links.view] : [];
  return joinLines([
    "PAPERBOY",
    `${view.day} · ${view.count}`,
    "",
    ...linkLines(view),
    ...(view.empty ? ["", "", ...wrap(view.empty, "")] : []),
    ...contents(view),
    ...sections,
    ...omitted,
    "",
    "=".repeat(WIDTH),
    ...view.notes.flatMap((note) => wrap(note, "")),
    "You asked for these papers and confirmed it. Nothing in this mail",
    "tracks you.",
    ...(view.sender ? wrap(`Sent by ${view.sender}`, "") : []),
    "",
    ...linkLines(view),
    "",
  ]);
}

/** Numbered as the papers below are. */
function contents({ contents: sections }: DigestView): string[] {
  if (sections.length === 0) return [];
  let number = 0;
  const lines = sections.flatMap(({ name, papers }) => [
    "",
    ...wrap(name, ""),
    ...papers.flatMap(({ title }) => {
      number += 1;
      const [first = "", ...rest] = wrap(title, `${INDENT}${INDENT}`);
      return [`${INDENT}${`${number}.`.padEnd(INDENT.length)}${first.trimStart()}`, ...rest];
    }),
  ]);
  return ["", "", "IN THIS EDITION", ...lines];
}

/** Lines between two fragments become one piece. */
function joinLines(lines: Pieces): Pieces {
  const pieces: Pieces[number][] = [];
  for (const line of lines) {
    const last = pieces.at(-1);
    if (typeof line === "string" && typeof last === "string") pieces[pieces.length - 1] = `${last}\n${line}`;
    else pieces.push(line);
  }
  return pieces;
}

/** The plain-text part of a confirmation. */
export function confirmationText(confirmUrl: string, lifetime: string): string {
  return [
    "PAPERBOY",
    "",
    ...wrap(
      "Someone, probably you, asked Paperboy to bring new research papers to this address. Please confirm it:",
      "",
    ),
    "",
    confirmUrl,
    "",
    `The link works for ${lifetime}.`,
    "",
    ...wrap("If it wasn't you, ignore this mail: nothing will be sent, and the request is forgotten.", ""),
    "",
  ].join("\n");
}

/** The plain-text part of a mail with a new link to the reader's own page. */
export function linkText(manageUrl: string, lifetime: string): string {
  return [
    "PAPERBOY",
    "",
    ...wrap(
      "Here is your link to your subscription. On its page you can change, pause or stop what comes:",
      "",
    ),
    "",
    manageUrl,
    "",
    ...wrap(`The link works for ${lifetime}. Keep it to yourself: who has it can do the same.`, ""),
    "",
    ...wrap("If you did not ask for it, ignore this mail.", ""),
    "",
  ].join("\n");
}

/** The reader's own lines behind a card, which readers share. */
const markLines = (mark: string, { paperId }: PaperCard): string[] =>
  mark === ""
    ? []
    : [
        `${INDENT}More like this: ${mark}&paper=${paperId}&say=more`,
        `${INDENT}Less like this: ${mark}&paper=${paperId}&say=less`,
      ];

function linkLines({ links }: DigestView): string[] {
  return [`View in browser: ${links.view}`, `Manage: ${links.manage}`, `Unsubscribe: ${links.unsubscribe}`];
}

function sectionHead({ name, query, summary }: DigestViewSection): string[] {
  const about = query ? wrap(`${summary} · ${query}`, "") : [summary];
  return ["", "", "=".repeat(WIDTH), ...wrap(name, ""), ...about, "=".repeat(WIDTH)];
}

function sectionFoot({ more, moreUrl }: DigestViewSection): string[] {
  return more ? ["", ...wrap(`${more}:`, ""), moreUrl] : [];
}

const titleLines = (card: PaperCard): string[] => wrap(card.title, INDENT);

/** A card but for its first line. */
function cardText(card: PaperCard): Pieces {
  const wrapped = (label: string, words: string) => wrap(`${label}: ${words}`, INDENT).join("\n");
  const words = new Map([
    [MATCHED, wrapped("Matched", card.matched)],
    [REASON, wrapped(card.reasonLabel, card.reason)],
  ]);
  return fillMarks(sharedLines(card, "text", sharedText), words);
}

/** With marks in the place of whole lines. */
const sharedText = (card: PaperCard): string =>
  [
    ...titleLines(card).slice(1),
    ...wrap(card.authors, INDENT),
    ...wrap(card.upvotes ? `▲ ${card.upvotes} · ${card.kicker}` : card.kicker, INDENT),
    ...block(card.abstract && ["", ...wrap(card.abstract, INDENT)]),
    "",
    ...[card.matched, card.reason].filter((mark) => mark !== ""),
    ...link("Abstract", card.url),
    ...link("PDF", card.pdfUrl),
    ...link("Code", card.codeUrl),
    ...link("Project", card.projectUrl),
  ].join("\n");

function block(lines: readonly string[] | ""): readonly string[] {
  return lines === "" ? [] : lines;
}

function link(label: string, url: string | null): string[] {
  return url ? [`${INDENT}${label}: ${url}`] : [];
}

/** Breaks at spaces so that lines stay within the width; a longer word keeps a line of its own. */
function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (word === "") continue;
    if (line !== "" && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, indent + line];
}
