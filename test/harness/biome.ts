import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourceFile } from "./architecture.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BIOME = join(ROOT, "node_modules/@biomejs/biome/bin/biome");

interface Report {
  readonly diagnostics: readonly { category: string; severity: string; location: { path: string } }[];
}

/**
 * What Biome says of the project with our rules of its linter, as `path rule`, errors only.
 * @param only the rules asked for, as `group/name`.
 */
export const lintProject = (only: readonly string[]): Promise<string[]> => lint(ROOT, only);

/** The same of other files under our rules, as if they stood in the project at their paths. */
export async function lintFiles(files: readonly SourceFile[], only: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "paperboy-lint-"));
  try {
    copyFileSync(join(ROOT, "biome.json"), join(folder, "biome.json"));
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${text}\n`);
    }
    return await lint(folder, only);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function lint(folder: string, only: readonly string[]): Promise<string[]> {
  const rules = only.map((rule) => `--only=${rule}`);
  const args = [
    BIOME,
    "lint",
    "--reporter=json",
    "--max-diagnostics=none",
    "--diagnostic-level=error",
    "--vcs-use-ignore-file=false",
    ...rules,
  ];
  const { diagnostics } = JSON.parse(await outputOf([...args, "."], folder)) as Report;
  return diagnostics.map(({ category, location }) => `${location.path} ${category.split("/").at(-1)}`);
}

/** Biome's exit code says only whether there was something to report. */
const outputOf = (args: readonly string[], cwd: string): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile(process.execPath, [...args], { cwd, maxBuffer: 64e6 }, (error, stdout) =>
      stdout === "" ? reject(error ?? new Error("Biome said nothing")) : resolve(stdout),
    ),
  );
