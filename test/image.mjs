// Does what `docker build` and `docker run` would, without Docker: copies what COPY copies into a bare folder for each stage, runs
// what RUN runs, and starts what CMD starts until HEALTHCHECK passes, all as a user without rights. `npm run image`
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DockerfileParser } from "dockerfile-ast";
import { useEmbeddedPostgres } from "../packages/db/dist/index.js";

const project = fileURLToPath(new URL("../", import.meta.url));
const NOBODY = 65_534;
const MOST_MB = 200;
/** A user without rights where we may choose one, else whoever we are. */
const account = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const work = mkdtempSync(join(tmpdir(), "paperboy-image-"));
const say = (line) => process.stdout.write(`${line}\n`);

const dockerfile = DockerfileParser.parse(readFileSync(join(project, "Dockerfile"), "utf8"));
const stages = new Map();
let stage;
let service;
let postgres;

try {
  give(work);
  chmodSync(work, 0o755); // Postgres runs as another user
  for (const instruction of dockerfile.getInstructions()) follow(instruction);
  const size = megabytes(join(stage.root, stage.workdir, "node_modules"));
  say(`production install: ${size} MB of at most ${MOST_MB}`);
  if (size > MOST_MB) throw new Error(`node_modules takes ${size} MB`);
  await startUntilHealthy();
} finally {
  service?.kill("SIGKILL");
  await postgres?.release();
  rmSync(work, { recursive: true, force: true });
}

/** Does one instruction in the folder of its stage. */
function follow(instruction) {
  const text = instruction.getArgumentsContent() ?? "";
  const args = instruction.getArguments().map((each) => each.getValue());
  switch (instruction.getKeyword()) {
    case "FROM": {
      const root = join(work, `stage-${stages.size}`);
      stage = { root, workdir: "/", env: {} };
      stages.set(instruction.getBuildStage() ?? String(stages.size), stage);
      return make(root);
    }
    case "WORKDIR":
      stage.workdir = resolve(stage.workdir, text);
      return make(inside(stage.workdir));
    case "ENV":
      for (const property of instruction.getProperties()) stage.env[property.getName()] = property.getValue();
      return;
    case "COPY":
      return copy(instruction, args);
    case "RUN": {
      say(`RUN ${text}`);
      const { status } = spawnSync("sh", ["-c", text], {
        cwd: inside(stage.workdir),
        env: environment(),
        stdio: "inherit",
        ...account,
      });
      if (status !== 0) throw new Error(`RUN ended with ${status}`);
      return;
    }
    case "CMD":
      stage.cmd = JSON.parse(text);
      return;
    case "HEALTHCHECK":
      stage.health = JSON.parse(text.slice(text.indexOf("[")));
      return;
    case "USER":
      if (text === "root") throw new Error("the image must not run as root");
      stage.user = text;
      return;
    case "EXPOSE":
      return;
    default:
      throw new Error(`this script does not know ${instruction.getKeyword()}`);
  }
}

function copy(instruction, [from, to]) {
  const flag = instruction.getFlags().find((each) => each.getName() === "from");
  say(`COPY ${instruction.getArgumentsContent()}`);
  const target = resolve(inside(stage.workdir), to.startsWith("/") ? inside(to) : to);
  if (flag)
    cpSync(join(stages.get(flag.getValue()).root, from), target, { recursive: true, verbatimSymlinks: true });
  else copyContext(join(project, from), target);
  spawnSync("chown", ["-R", `${account.uid ?? process.getuid()}`, target]);
}

/** The files of the project that are not named by .dockerignore: those that git tracks, or would. */
function copyContext(from, to) {
  const ignored = readFileSync(join(project, ".dockerignore"), "utf8").split("\n").filter(Boolean);
  const anywhere = ignored.filter((line) => line.startsWith("**/")).map((line) => line.slice(3));
  const isIgnored = (path) =>
    path !== "" &&
    (ignored.includes(path) ||
      path.split("/").some((part) => anywhere.includes(part)) ||
      (anywhere.includes("*.log") && path.endsWith(".log")) ||
      path.startsWith(".env."));
  cpSync(from, to, { recursive: true, filter: (path) => !isIgnored(relative(project, path)) });
}

async function startUntilHealthy() {
  if (stage.user === undefined) throw new Error("no USER: the image would run as root");
  const [PORT, INBOX_SMTP_PORT] = [String(await freePort()), String(await freePort())];
  postgres = await useEmbeddedPostgres({ directory: join(work, "postgres") });
  const env = { ...environment(), PORT, INBOX_SMTP_PORT, HOST: "127.0.0.1", DATABASE_URL: postgres.url };
  const at = { cwd: inside(stage.workdir), env, ...account };
  say(`CMD ${stage.cmd.join(" ")}`);
  const [program, ...args] = stage.cmd;
  service = spawn(program, args, { ...at, stdio: "inherit" });
  const ended = new Promise((done) => service.once("exit", done));
  const [check, ...checkArgs] = stage.health;
  for (let tries = 0; spawnSync(check, checkArgs, at).status !== 0; tries++) {
    if (service.exitCode !== null || tries === 120) throw new Error("the service did not become healthy");
    await new Promise((done) => setTimeout(done, 1_000));
  }
  say("HEALTHCHECK passed");
  service.kill("SIGTERM");
  const code = await ended;
  if (code !== 0) throw new Error(`the service ended with ${code} on SIGTERM`);
  say("the service ended with 0 on SIGTERM");
}

/** What a container's environment would be, with its paths in the folder of the stage. */
function environment() {
  const own = Object.entries(stage.env).map(([name, value]) => [
    name,
    value.startsWith("/") ? inside(value) : value,
  ]);
  const npm = Object.entries(process.env).filter(([name]) => /^npm_config_(registry|cafile)$/i.test(name));
  return {
    PATH: process.env.PATH,
    HOME: work,
    npm_config_cache: join(work, "npm-cache"),
    ...Object.fromEntries([...npm, ...own]),
  };
}

function inside(path) {
  return join(stage.root, path);
}

function make(path) {
  mkdirSync(path, { recursive: true });
  give(path);
}

function give(path) {
  if (account.uid !== undefined) chownSync(path, account.uid, account.gid);
}

function megabytes(path) {
  statSync(path);
  return Number(spawnSync("du", ["-sm", path], { encoding: "utf8" }).stdout.split("\t")[0]);
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
