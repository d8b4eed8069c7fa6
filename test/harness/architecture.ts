/** A file as the rules see it; the path is relative to the project. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const FORBIDDEN_NAMES = ["utils", "types", "shared", "common", "helpers"];

/**
 * What the design forbids and no rule of Biome can say, in these files, as `path fault`; the other rules of the rooms (who may
 * import what, circles, names of files, the environment, fetching) stand in `biome.json`.
 */
export function faults(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => RULES.flatMap((rule) => rule(file)).map((fault) => `${file.path} ${fault}`));
}

type Rule = (file: SourceFile) => string[];

const roomOf = ({ path }: SourceFile): string => path.split("/")[1] ?? "";

const code = ({ text }: SourceFile): string => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, "");

/** What a file imports or exports again by a relative path, types too. */
const relativeImports = ({ text }: SourceFile): string[] =>
  [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)["'](\.[^"']+)["']/g)].map(
    (match) => match[1] ?? "",
  );

const ownRoom: Rule = (file) =>
  relativeImports(file)
    .filter((name) => !resolve(file.path, name).startsWith(file.path.split("/").slice(0, 3).join("/")))
    .map(() => "reaches into another room");

function resolve(from: string, relative: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const step of relative.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts.join("/");
}

const pureCore: Rule = (file) => {
  if (roomOf(file) !== "core") return [];
  const text = code(file);
  const readsClock = /\bDate\.now\(|\bnew Date\(\)|Temporal\.Now\b/.test(text);
  return [
    ...(readsClock ? ["reads the clock"] : []),
    ...(/\bMath\.random\(/.test(text) ? ["throws dice"] : []),
  ];
};

/** Patterns over wordings, put together from constants that stand in the same file. */
const JOINS_CONSTANT_PATTERNS = [
  "packages/mail/src/bounces/phrases.ts",
  "packages/mail/src/bounces/phrases-abroad.ts",
];

/** A pattern made from data is a syntax error for some of it, and too slow for some: text is marked and found by offsets. */
const noPatternFromData: Rule = (file) =>
  /\bRegExp\s*\(/.test(code(file)) && !JOINS_CONSTANT_PATTERNS.includes(file.path) ? ["builds a RegExp"] : [];

const names: Rule = ({ path }) =>
  path
    .split("/")
    .slice(3)
    .map((part) => part.replace(/\.ts$/, ""))
    .filter((name) => FORBIDDEN_NAMES.includes(name))
    .map((name) => `is named ${name}`);

const oneIndex: Rule = ({ path }) =>
  path.endsWith("/index.ts") && path.split("/").length > 4 ? ["is a second index"] : [];

const RULES: readonly Rule[] = [ownRoom, pureCore, noPatternFromData, names, oneIndex];
