import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Span } from "@paperboy/core";

const RECORDED = fileURLToPath(
  new URL("../../../../../../shared/data/relevance/abstract-sentences-tuning.jsonl", import.meta.url),
);
/** An abstract and the stretches of it that people labelled: where from, where to, and as what. */
export interface LabelledAbstract {
  readonly id: string;
  readonly abstract: string;
  readonly spans: readonly (readonly [start: number, end: number, label: string])[];
}

/** Whether people labelled some of a stretch so. */
export const isLabelled = (
  { start, end }: Span,
  labels: LabelledAbstract["spans"],
  wanted: readonly string[],
): boolean => labels.some(([from, to, label]) => wanted.includes(label) && from < end && to > start);

/**
 * The labelled abstracts of a JSON Lines file, of the recorded one when none is given.
 * @throws Error naming the file, and the line that is none.
 */
export function readAbstracts(file: string = RECORDED): LabelledAbstract[] {
  if (!existsSync(file)) throw new Error(`${file} is not there: give labelled abstracts with --file`);
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line, place) => {
    const paper = JSON.parse(line) as LabelledAbstract;
    if (typeof paper.abstract !== "string" || !Array.isArray(paper.spans))
      throw new Error(`${file}, line ${place + 1}: wants abstract and spans`);
    return paper;
  });
}
