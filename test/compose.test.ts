import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SETTINGS } from "@paperboy/core";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readCliConfig, requireFitToSend } from "../apps/cli/src/config.ts";

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), "utf8");

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly restart?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly replicas: number };
  readonly profiles?: readonly string[];
}

const { services } = parse(read("docker-compose.yml"), { merge: true }) as {
  services: Readonly<Record<string, Service>>;
};
const service = (name: string) => services[name] as Service;
const OURS = ["migrate", "api", "worker"];
/** Where the parts of this file find each other: not for whoever starts it to say. */
const FIXED = [
  "DATABASE_URL",
  "HOST",
  "PAPERBOY_DATA_DIR",
  "PAPERBOY_ROLE",
  "PORT",
  "REDIS_URL",
  "WORKER_PORT",
];

describe("docker-compose.yml", () => {
  it.each(OURS)("passes %s every setting there is, and nothing else", (name) => {
    expect(Object.keys(service(name).environment ?? {}).sort()).toEqual([...SETTINGS].sort());
  });

  it.each(OURS)("passes %s each setting under its own name", (name) => {
    const passed = Object.entries(service(name).environment ?? {}).filter(([key]) => !FIXED.includes(key));
    expect(passed.filter(([key, value]) => !String(value).startsWith(`\${${key}:`))).toEqual([]);
  });

  it("migrates before an API and two workers start, which come back when they end", () => {
    expect(service("migrate").command?.at(-1)).toBe("migrate");
    expect(service("migrate").depends_on).toEqual({ postgres: { condition: "service_healthy" } });
    for (const role of ["api", "worker"]) {
      expect(service(role).environment?.PAPERBOY_ROLE).toBe(role);
      expect(service(role).depends_on).toEqual({
        migrate: { condition: "service_completed_successfully" },
        redis: { condition: "service_healthy" },
      });
    }
    expect(service("worker").deploy?.replicas).toBe(2);
    const restarts = Object.entries(services).map(([name, { restart }]) => [name, restart]);
    expect(restarts.filter(([, restart]) => restart !== "unless-stopped")).toEqual([["migrate", "no"]]);
  });

  it("lets Redis keep every key", () => {
    expect(service("redis").command?.slice(1)).toEqual([
      ...["--maxmemory-policy", "noeviction"],
      ...["--appendonly", "yes"],
    ]);
  });

  it("brings a mailbox for trying only when it is asked for, with settings that are fit to send to it", async () => {
    expect(service("mailpit").profiles).toEqual(["mailpit"]);
    const lines = read("docker/mailpit.env")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    expect(Object.keys(env).filter((name) => !SETTINGS.includes(name as never))).toEqual([]);
    await expect(requireFitToSend(readCliConfig(env))).resolves.toBeUndefined();
  });
});

describe("the Dockerfile", () => {
  const text = read("Dockerfile");

  it("has nothing a linter finds fault with", () => {
    expect(validate(text)).toEqual([]);
  });

  it("runs as a user without rights, and starts and checks programs that are there", () => {
    expect(text).toMatch(/^USER node$/m);
    for (const program of ["apps/cli/bin/paperboy.mjs", "apps/cli/bin/health.mjs"]) {
      expect(text).toContain(`"${program}"`);
      expect(read(program)).not.toBe("");
    }
  });
});
