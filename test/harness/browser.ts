import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { describeWith } from "./requirement.ts";

export type { Browser, Page } from "playwright-core";

interface Executable {
  readonly path: string;
  /** Folder of the shared libraries that a bare machine lacks, and of fonts; undefined for an installed browser. */
  readonly home?: string;
}

const cache = fileURLToPath(new URL("../../node_modules/.cache/paperboy/", import.meta.url));
const installed = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const found = findBrowser();

/** `describe` for suites that need a browser; left out, or failed when it is required, where none can run. */
export const browserSuite = describeWith({
  name: "browser",
  missing: "path" in found ? null : found.missing,
});

/** Starts a headless browser that speaks to nobody but the pages under test. The caller closes it. */
export function openBrowser(): Promise<Browser> {
  if (!("path" in found)) throw new Error(found.missing);
  const args = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
  ];
  args.push("--no-default-browser-check", "--no-pings", "--font-render-hinting=none", "--disable-gpu");
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  return chromium.launch({ executablePath: found.path, args, env: environment(found), timeout: 30_000 });
}

/** The browser of this machine, or why there is none: the one from npm runs on x64 Linux, others must be installed. */
function findBrowser(): Executable | { missing: string } {
  if (process.platform === "linux" && process.arch === "x64") {
    try {
      return bundled();
    } catch (error) {
      return firstInstalled() ?? { missing: `Chromium could not be unpacked: ${(error as Error).message}` };
    }
  }
  return firstInstalled() ?? { missing: "no Chromium for this machine; install one as /usr/bin/chromium" };
}

function firstInstalled(): Executable | undefined {
  const path = installed.find(existsSync);
  return path === undefined ? undefined : { path };
}

/**
 * Unpacks the browser that npm brought, with the few libraries it needs beyond libc, once for each version. It is
 * unpacked aside and moved into place, since several test files may ask at the same moment.
 */
function bundled(): Executable {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const manifest = JSON.parse(readFileSync(join(dirname(entry), "../package.json"), "utf8"));
  const home = join(cache, `chromium-${manifest.version}`);
  if (!existsSync(home)) unpack(entry, home);
  return { path: join(home, "chromium"), home };
}

function unpack(entry: string, home: string): void {
  mkdirSync(cache, { recursive: true });
  const aside = mkdtempSync(join(cache, "unpack-"));
  const script = `await (await import(${JSON.stringify(pathToFileURL(entry).href)})).default.executablePath()`;
  // It unpacks into TMPDIR, and its own libraries only where it believes to be on the cloud it was made for.
  const env = { PATH: process.env.PATH ?? "", TMPDIR: aside, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" };
  try {
    execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      env,
      timeout: 60_000,
      stdio: "pipe",
    });
    renameSync(aside, home);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}

function environment({ home }: Executable): Record<string, string> {
  const own = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/tmp", LANG: "C.UTF-8" };
  if (home === undefined) return own;
  const fonts = existsSync("/etc/fonts/fonts.conf") ? {} : { FONTCONFIG_PATH: join(home, "fonts") };
  return { ...own, LD_LIBRARY_PATH: join(home, "al2023/lib"), ...fonts };
}
