import { readFileSync } from "node:fs";
import { HOUR_MS, type PaperDraft } from "@paperboy/core";
import { parsePaperRecord } from "./formats/record.ts";

/** The same from `src` and from `dist`. */
const SAMPLE_FILE = new URL("../sample/papers.jsonl", import.meta.url);
/** Papers listed on each day before now, newest first, repeated: uneven, as real days are. */
const LISTED_PER_DAY = [6, 8, 5, 7, 3, 2, 6];

/** Hours before now at which the papers were listed, newest first. */
function hoursAgo(papers: number): number[] {
  const hours: number[] = [];
  for (let day = 0; hours.length < papers; day += 1) {
    const listed = LISTED_PER_DAY[day % LISTED_PER_DAY.length] ?? 1;
    // Within twelve hours of a day, so that no paper is listed in the future or on the edge of the next day.
    for (let place = 0; place < listed; place += 1) hours.push(day * 24 + 1 + (12 * place) / listed);
  }
  return hours.slice(0, papers);
}

/**
 * The bundled papers, oldest first. Titles, authors, dates and signals are facts, the two-sentence abstracts were
 * written for Paperboy. Only the day of listing (`observedAt`) is arranged: the papers, in the order they were
 * published, are spread over the eleven days before `now`, so that trending and the preview of a topic have days to
 * show wherever and whenever Paperboy starts without a network.
 * @throws {Error} when the bundled file is missing or damaged.
 */
export function samplePapers(now: Date): PaperDraft[] {
  const lines = readFileSync(SAMPLE_FILE, "utf8").trimEnd().split("\n");
  const ages = hoursAgo(lines.length).reverse();
  return lines.map((line, index) => {
    const observedAt = new Date(now.getTime() - (ages[index] ?? 0) * HOUR_MS);
    const { draft, reason } = parsePaperRecord(
      { ...JSON.parse(line), observedAt: observedAt.toISOString() },
      now,
    );
    if (!draft) throw new Error(`the bundled sample is damaged at line ${index + 1}: ${reason}`);
    return draft;
  });
}
