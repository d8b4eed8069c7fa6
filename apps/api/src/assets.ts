import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DAY_MS } from "@paperboy/core";
import express, { type Application } from "express";

/** The package's own directory; the same from `src` and from `dist`. */
export const PACKAGE_ROOT = fileURLToPath(new URL("..", import.meta.url));

export const PUBLIC_DIR = join(PACKAGE_ROOT, "public");
const FONT_DIR = dirname(
  createRequire(import.meta.url).resolve(
    "@fontsource-variable/newsreader/files/newsreader-latin-opsz-normal.woff2",
  ),
);
const YEAR_MS = 365 * DAY_MS;

/** The addresses of style sheet, script and icon; a changed file gets another address. */
export interface Assets {
  readonly url: (name: string) => string;
}

/** @param base path of the public URL. */
export function loadAssets(base: string): Assets {
  const versions = new Map(readdirSync(PUBLIC_DIR).map((name) => [name, versionOf(join(PUBLIC_DIR, name))]));
  return {
    url: (name) => {
      const version = versions.get(name);
      if (version === undefined) throw new Error(`there is no asset ${name}`);
      return `${base}/assets/${name}?v=${version}`;
    },
  };
}

function versionOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("base64url").slice(0, 8);
}

/** Serves them, and the type they are set in. */
export function mountAssets(app: Application): void {
  const options = { index: false, redirect: false, immutable: true, maxAge: YEAR_MS } as const;
  app.use("/assets/fonts", express.static(FONT_DIR, options));
  app.use("/assets", express.static(PUBLIC_DIR, options));
}
