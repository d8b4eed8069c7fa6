import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FEATURE_NAMES, featuresOf, type HighlightWeights, sentencesOf } from "@paperboy/core";
import { isLabelled, type LabelledAbstract } from "./labelled-abstracts.ts";

const WEIGHTS_FILE = fileURLToPath(
  new URL("../../../../../packages/core/src/highlights/weights.ts", import.meta.url),
);
const RIDGE = 20;
const STEPS = 12;

interface Example {
  readonly features: readonly number[];
  readonly positive: boolean;
}

/** Fits both models of a highlight by penalised logistic regression; the same file always gives the same weights. */
export function trainHighlights(papers: readonly LabelledAbstract[]): HighlightWeights {
  const examples = (labels: readonly string[]): Example[] =>
    papers.flatMap(({ abstract, spans }) => {
      const sentences = sentencesOf(abstract);
      return featuresOf(abstract, sentences).map((features, place) => {
        const sentence = sentences[place];
        return { features, positive: sentence !== undefined && isLabelled(sentence, spans, labels) };
      });
    });
  return {
    does: logisticWeights(examples(["task", "idea"])),
    cameOut: logisticWeights(examples(["result"])),
  };
}

/** Writes weights to where core reads them; they count from the next build on. */
export function writeWeights(weights: HighlightWeights): void {
  const lines = [
    'import type { HighlightWeights } from "./features.ts";',
    "",
    "/** Made by `npm run bench -- highlights --train`; not to be edited. */",
    "export const WEIGHTS: HighlightWeights = {",
    ...Object.entries(weights).flatMap(([model, byName]) => [
      `  ${model}: {`,
      ...Object.entries(byName).map(([name, weight]) => `    ${keyOf(name)}: ${weight},`),
      "  },",
    ]),
    "};",
  ];
  writeFileSync(WEIGHTS_FILE, `${lines.join("\n")}\n`);
}

const keyOf = (name: string): string => (/^[a-z]+$/i.test(name) ? name : JSON.stringify(name));

/** Newton's method for logistic regression with a ridge penalty on all weights but the bias. */
function logisticWeights(examples: readonly Example[]): Record<string, number> {
  const size = FEATURE_NAMES.length;
  const weights = new Float64Array(size);
  for (let step = 0; step < STEPS; step++) {
    const gradient = Float64Array.from(weights, (weight, at) => (at === 0 ? 0 : -RIDGE * weight));
    const curvature = Array.from({ length: size }, (_, at) => {
      const row = new Float64Array(size);
      row[at] = at === 0 ? 1e-6 : RIDGE;
      return row;
    });
    for (const example of examples) addExample(example, weights, gradient, curvature);
    const change = solve(curvature, gradient);
    for (let at = 0; at < size; at++) weights[at] = (weights[at] ?? 0) + (change[at] ?? 0);
  }
  return Object.fromEntries(FEATURE_NAMES.map((name, at) => [name, Number((weights[at] ?? 0).toFixed(3))]));
}

function addExample(
  { features, positive }: Example,
  weights: Float64Array,
  gradient: Float64Array,
  curvature: readonly Float64Array[],
): void {
  const sum = features.reduce((total, value, at) => total + value * (weights[at] ?? 0), 0);
  const probability = 1 / (1 + Math.exp(-sum));
  const error = (positive ? 1 : 0) - probability;
  const variance = probability * (1 - probability);
  for (const [at, value] of features.entries()) {
    gradient[at] = (gradient[at] ?? 0) + error * value;
    const row = curvature[at];
    if (row === undefined || value === 0) continue;
    for (const [other, beside] of features.entries())
      row[other] = (row[other] ?? 0) + variance * value * beside;
  }
}

/** Solves a symmetric positive definite system by elimination. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const rows = matrix.map((row, at) => Float64Array.from([...row, right[at] ?? 0]));
  const size = rows.length;
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = pivot + 1; row < size; row++) {
      const factor = cell(row, pivot) / cell(pivot, pivot);
      for (let at = pivot; at <= size; at++)
        (rows[row] as Float64Array)[at] = cell(row, at) - factor * cell(pivot, at);
    }
  }
  const solution = new Float64Array(size);
  for (let row = size - 1; row >= 0; row--) {
    let rest = cell(row, size);
    for (let at = row + 1; at < size; at++) rest -= cell(row, at) * (solution[at] ?? 0);
    solution[row] = rest / cell(row, row);
  }
  return solution;
}
