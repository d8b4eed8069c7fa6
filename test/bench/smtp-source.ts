import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";

/** Postfix's load generator, and the libraries it needs. */
export interface SmtpSource {
  readonly program: string;
  readonly libraries: string;
}

/** Postfix is unpacked here, and never started. */
const UNPACKED = join("node_modules", ".cache", "paperboy", "postfix");

/**
 * Finds `smtp-source`: on the PATH, or unpacked before. Otherwise it is downloaded from Debian when `mayDownload` and there is an
 * `apt-get`; null when there is none.
 */
export function findSmtpSource(project: string, mayDownload: boolean): SmtpSource | null {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    if (existsSync(join(directory, "smtp-source")))
      return { program: join(directory, "smtp-source"), libraries: "" };
  }
  const directory = join(project, UNPACKED);
  const found: SmtpSource = {
    program: join(directory, "usr/sbin/smtp-source"),
    libraries: join(directory, "usr/lib/postfix"),
  };
  if (!existsSync(found.program) && mayDownload) download(directory);
  return existsSync(found.program) ? found : null;
}

function download(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    execFileSync("apt-get", ["download", "postfix"], { cwd: directory, stdio: "ignore", timeout: 60_000 });
    const file = readdirSync(directory).find((name) => name.endsWith(".deb")) ?? "";
    execFileSync("dpkg", ["-x", file, "."], { cwd: directory, stdio: "ignore", timeout: 60_000 });
  } catch {
    // No Debian, or no network: the benchmark says that it ran without.
  }
}

/** Sends as many mails of one size as fast as it can; gives the seconds it took, and its processor time. */
export async function runSmtpSource(
  { program, libraries }: SmtpSource,
  {
    smtpUrl,
    mails,
    bytes,
    connections,
  }: { smtpUrl: string; mails: number; bytes: number; connections: number },
): Promise<{ readonly seconds: number; readonly cpuMs: number }> {
  const { hostname, port } = new URL(smtpUrl);
  const options = [
    "-s",
    connections,
    "-m",
    mails,
    "-l",
    bytes,
    "-f",
    "digest@papers.example.org",
    "-t",
    "reader@example.org",
  ];
  const command = ["time", `'${program}'`, ...options, `${hostname}:${port}`].join(" ");
  const child = spawn("bash", ["-c", `TIMEFORMAT='%R %U %S'; ${command}`], {
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  if (code !== 0) throw new Error(`smtp-source ended with exit code ${code}: ${said}`);
  const [seconds = 0, user = 0, system = 0] = (said.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return { seconds, cpuMs: 1000 * (user + system) };
}
