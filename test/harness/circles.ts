import { importsOf, resolve, type SourceFile } from "./architecture.ts";

/**
 * Every circle of imports among these files, types included, as `a.ts → b.ts → a.ts`: the first found through each file, so
 * that it is broken there. Files in a circle can be neither read nor tested one after the other.
 */
export function circles(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, neighbours(file)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) found.push([...trail.slice(start), path].join(" → "));
    if (start !== -1 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

const neighbours = (file: SourceFile): string[] =>
  importsOf(file)
    .filter((name) => name.startsWith("."))
    .map((name) => resolve(file.path, name));
