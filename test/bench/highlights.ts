import { chooseHighlights, cutAtWord, type HighlightWeights, type Span, sentencesOf } from "@paperboy/core";
import type { BenchOptions, BenchResult } from "./frame.ts";
import { rounded } from "./frame.ts";
import { trainHighlights, writeWeights } from "./highlights-train.ts";
import { isLabelled, type LabelledAbstract, readAbstracts } from "./labelled-abstracts.ts";

const FOLDS = 10;

type Choose = (abstract: string) => readonly Span[];

/**
 * Which part of abstracts show what the paper does (labelled *task* or *idea*) and what came out (*result*, among those where
 * a sentence is labelled so), and whether every part shown stands in the abstract. With `train`, weights are made from the file and
 * written into core, and the product's row is cross-validated.
 */
export async function benchHighlights({ file, train }: BenchOptions): Promise<BenchResult> {
  const papers = readAbstracts(file);
  const shown = train ? crossValidated(papers) : papers.map(({ abstract }) => chooseHighlights(abstract));
  const paperboy = judge(papers, shown);
  if (train) writeWeights(trainHighlights(papers));
  const others: Readonly<Record<string, Choose>> = {
    "first sentence": (abstract) => sentencesOf(abstract).slice(0, 1),
    "first and last sentence": (abstract) => [
      ...sentencesOf(abstract).slice(0, 1),
      ...sentencesOf(abstract).slice(-1),
    ],
    "first 420 characters": (abstract) => [{ start: 0, end: cutAtWord(abstract, 420).length }],
  };
  const rows = Object.entries(others).map(([way, choose]) => ({
    way,
    ...judge(
      papers,
      papers.map(({ abstract }) => choose(abstract)),
    ),
  }));
  return {
    rows: [...rows, { way: train ? "paperboy, cross-validated" : "paperboy", ...paperboy }],
    figures: { task: paperboy.task, result: paperboy.result, verbatim: paperboy.verbatim },
    notes: [
      `${papers.length} abstracts; task: something shown is labelled task or idea; result: labelled result, where any sentence is.`,
      "length: characters shown, on average; verbatim: everything shown stands in the abstract as whole sentences.",
    ],
  };
}

function crossValidated(papers: readonly LabelledAbstract[]): Span[][] {
  const models: HighlightWeights[] = [];
  for (let fold = 0; fold < FOLDS; fold++)
    models.push(trainHighlights(papers.filter((_, place) => place % FOLDS !== fold)));
  return papers.map(({ abstract }, place) => chooseHighlights(abstract, models[place % FOLDS]));
}

function judge(papers: readonly LabelledAbstract[], shown: readonly (readonly Span[])[]) {
  let [task, result, withResult, verbatim, length] = [0, 0, 0, 0, 0];
  for (const [place, { abstract, spans: labels }] of papers.entries()) {
    const spans = shown[place] ?? [];
    if (spans.some((span) => isLabelled(span, labels, ["task", "idea"]))) task++;
    if (spans.some((span) => isLabelled(span, labels, ["result"]))) result++;
    if (sentencesOf(abstract).some((span) => isLabelled(span, labels, ["result"]))) withResult++;
    if (spans.length > 0 && areWholeSentences(abstract, spans)) verbatim++;
    for (const { start, end } of spans) length += end - start;
  }
  return {
    task: rounded(task / papers.length),
    result: rounded(result / Math.max(1, withResult)),
    verbatim: rounded(verbatim / papers.length),
    length: Math.round(length / papers.length),
  };
}

function areWholeSentences(abstract: string, spans: readonly Span[]): boolean {
  const sentences = sentencesOf(abstract);
  return spans.every(
    ({ start, end }) =>
      sentences.some((each) => each.start === start) && sentences.some((each) => each.end === end),
  );
}
