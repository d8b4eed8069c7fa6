import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readStructure } from "./template-structure.ts";

const COMPILER = fileURLToPath(new URL("../bin/compile-templates.mjs", import.meta.url));
/** The mails there are, by their templates. */
const NAMES = ["digest", "confirm", "link"] as const;
const MJML = createRequire(import.meta.url)("mjml/package.json") as { version: string };

/** A template that can not be used, with its file and, where known, the line. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** What the templates of a directory compile to: HTML with the Handlebars placeholders still in it. */
export interface CompiledTemplates {
  readonly digest: string;
  readonly confirm: string;
  readonly link: string;
}

type Compiled = Record<string, { html: string } | { errors: string[] }>;

/**
 * Compiles `digest.mjml`, `confirm.mjml` and `link.mjml`, which may include `partials/*.mjml`. With a `cacheDir` the result is
 * kept there under a hash of everything it came from. Throws TemplateError.
 */
export async function compileTemplates(templatesDir: string, cacheDir?: string): Promise<CompiledTemplates> {
  const sources = await readSources(templatesDir);
  requireStructure(templatesDir, ["digest.mjml", "confirm.mjml"], sources);
  const cached = cacheDir && join(cacheDir, `templates-${hashOf(sources)}.json`);
  const known = cached && (await readJson(cached));
  if (known) return known;
  const compiled = await runCompiler(NAMES.map((name) => join(templatesDir, `${name}.mjml`)));
  const html = Object.entries(compiled).map(([file, result]) => checked(file, result, sources));
  const [digest = "", confirm = "", link = ""] = html;
  const templates = { digest, confirm, link };
  if (cached) await writeJson(cacheDir, cached, templates);
  return templates;
}

/** Path and text of every template, in a stable order. */
async function readSources(directory: string): Promise<Map<string, string>> {
  const names = await readdir(directory, { recursive: true }).catch((cause: Error) => {
    throw new TemplateError(`the templates directory can not be read: ${cause.message}`, { cause });
  });
  const files = names.filter((name) => name.endsWith(".mjml")).sort();
  for (const needed of NAMES.map((name) => `${name}.mjml`)) {
    if (!files.includes(needed)) throw new TemplateError(`${join(directory, needed)} is missing`);
  }
  const texts = files.map(async (file) => [file, await readFile(join(directory, file), "utf8")] as const);
  return new Map(await Promise.all(texts));
}

/** Looks at the tags of these templates and of all they include, each once; MJML takes what is missing for a comment. */
function requireStructure(directory: string, names: string[], sources: Map<string, string>): void {
  const looked = new Set<string>();
  for (const name of names) {
    if (looked.has(name)) continue;
    looked.add(name);
    const { fault, includes } = readStructure(sources.get(name) ?? "");
    const refuse = (line: number, says: string) =>
      new TemplateError(`${join(directory, name)} does not compile: line ${line}: ${says}`);
    if (fault !== null) throw refuse(fault.line, fault.says);
    for (const { path, line } of includes) {
      const included = join(dirname(name), path);
      if (!existsSync(join(directory, included))) throw refuse(line, `there is no file ${path} to include`);
      if (sources.has(included)) names.push(included);
    }
  }
}

function hashOf(sources: Map<string, string>): string {
  return createHash("sha256")
    .update(JSON.stringify([MJML.version, ...sources]))
    .digest("hex")
    .slice(0, 24);
}

async function runCompiler(files: string[]): Promise<Compiled> {
  const run = promisify(execFile)(process.execPath, [COMPILER, ...files], { maxBuffer: 16 * 1024 * 1024 });
  const { stdout } = await run.catch((cause: Error) => {
    throw new TemplateError(`the template compiler failed: ${cause.message}`, { cause });
  });
  return JSON.parse(stdout) as Compiled;
}

function checked(file: string, result: Compiled[string], sources: Map<string, string>): string {
  if (result && "html" in result) {
    checkPlaceholders(file, result.html, sources);
    return result.html.replace(/\s*\n\s*/g, "\n");
  }
  throw new TemplateError(`${file} does not compile:\n  ${result?.errors.join("\n  ")}`);
}

/** The compiler drops what stands behind a tag that was never closed; a lost placeholder gives it away. */
function checkPlaceholders(file: string, html: string, sources: Map<string, string>): void {
  const [, text = ""] = [...sources].find(([name]) => file.endsWith(name)) ?? [];
  const includes = [...text.matchAll(/<mj-include\s+path="(?:\.\/)?([^"]+)"/g)];
  const texts = [text, ...includes.map(([, path = ""]) => sources.get(path) ?? "")];
  for (const placeholder of texts.flatMap((source) => source.match(/\{\{[^}]+\}\}/g) ?? [])) {
    if (!html.includes(placeholder))
      throw new TemplateError(`${file} loses ${placeholder}: is a tag before it not closed?`);
  }
}

async function readJson(file: string): Promise<CompiledTemplates | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as CompiledTemplates;
  } catch {
    // Absent or damaged: compiling again is always right.
    return null;
  }
}

async function writeJson(directory: string, file: string, templates: CompiledTemplates): Promise<void> {
  await mkdir(directory, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, JSON.stringify(templates));
  await rename(unfinished, file);
}
