// Makes a fresh clone ready: installs packages, generates the Prisma client, builds. Plain Node, because it
// runs before anything is installed. Does nothing, in a few milliseconds, when nothing has changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const stampFile = join(root, "node_modules/.cache/paperboy/setup.json");
const lockDir = join(root, ".setup-lock");

/**
 * Installs and builds what is missing or out of date. Progress goes to stderr, so that stdout stays the
 * command's own. Throws an Error with one clear line when a step fails.
 */
export async function ensureSetup() {
  checkNode();
  const wanted = { install: hashFiles(lockFiles()), build: hashTree() };
  const done = readStamp();
  if (done.install === wanted.install && done.build === wanted.build && isBuilt()) return;
  await withLock(() => {
    const now = readStamp();
    if (now.install !== wanted.install || !existsSync(join(root, "node_modules/typescript"))) install();
    if (now.build !== wanted.build || !isBuilt()) build();
    mkdirSync(dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, JSON.stringify(wanted));
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Paperboy needs Node 20.19 or newer; this is ${process.versions.node}`);
  }
}

function install() {
  say("Installing packages…");
  // `npm ci` begins by deleting what is installed, of which a running service may still load a part.
  const how = existsSync(join(root, "node_modules")) ? ["install", "--no-save"] : ["ci"];
  run("npm", [...how, "--no-audit", "--no-fund", "--loglevel=error"], "npm could not install the packages");
}

function build() {
  say("Building…");
  const turbo = join(
    dirname(createRequire(join(root, "package.json")).resolve("turbo/package.json")),
    "bin/turbo",
  );
  run(process.execPath, [turbo, "run", "build", "--output-logs=errors-only"], "the build failed");
}

function run(command, args, failure) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", FORCE_COLOR: "0" };
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8", env });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  throw new Error(error ? `${failure}: ${error.message}` : failure);
}

const lockFiles = () => [join(root, "package.json"), join(root, "package-lock.json")].filter(existsSync);

function hashFiles(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex");
}

/** Contents, not times: a checkout or a copy changes every time stamp and no source. */
function hashTree() {
  const files = [join(root, "tsconfig.base.json"), join(root, "prisma/schema.prisma")];
  for (const room of ["packages", "apps"]) {
    for (const name of readdirSync(join(root, room))) {
      const source = join(root, room, name, "src");
      if (existsSync(source)) collect(source, files);
    }
  }
  return hashFiles(files.sort());
}

function collect(directory, files) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === "generated") continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) collect(path, files);
    else files.push(path);
  }
}

const isBuilt = () => existsSync(join(root, "apps/cli/dist/index.js"));

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    return {};
  }
}

/** Two commands in one fresh clone must not install over each other; a lock left by a dead process is taken over. */
async function withLock(work) {
  const owner = join(lockDir, "pid");
  for (;;) {
    try {
      mkdirSync(lockDir);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw new Error(`cannot write to ${root}: ${error.message}`);
      if (isStale(owner)) rmSync(lockDir, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  try {
    writeFileSync(owner, String(process.pid));
    return work();
  } finally {
    rmSync(lockDir, { recursive: true, force: true });
  }
}

function isStale(owner) {
  try {
    process.kill(Number(readFileSync(owner, "utf8")), 0);
    return false;
  } catch (error) {
    if (error.code === "EPERM") return false;
    return (
      error.code === "ESRCH" ||
      Date.now() - (statSync(lockDir, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 5000
    );
  }
}

const say = (line) => process.stderr.write(`${line}\n`);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureSetup().catch((error) => {
    say(`paperboy: ${error.message}`);
    process.exitCode = 1;
  });
}
