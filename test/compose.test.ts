import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SETTINGS } from "@paperboy/core";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const FILE = fileURLToPath(new URL("../docker-compose.yml", import.meta.url));

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const { services } = parse(readFileSync(FILE, "utf8")) as { services: Readonly<Record<string, Service>> };
const paperboy = services.paperboy as Service;
/** Where the parts of this file find each other: not for whoever starts it to say. */
const FIXED = ["DATABASE_URL", "HOST", "PAPERBOY_DATA_DIR", "PORT", "REDIS_URL"];

describe("docker-compose.yml", () => {
  it("passes every setting there is, and nothing else", () => {
    expect(Object.keys(paperboy.environment ?? {}).sort()).toEqual([...SETTINGS].sort());
  });

  it("passes each setting under its own name", () => {
    const passed = Object.entries(paperboy.environment ?? {}).filter(([name]) => !FIXED.includes(name));
    const wrong = passed.filter(([name, value]) => !String(value).startsWith(`\${${name}:`));
    expect(wrong).toEqual([]);
  });

  it("gives the data directory to the user who runs the service, before it starts", () => {
    const owner = services["data-owner"] as Service;
    const directory = String(paperboy.environment?.PAPERBOY_DATA_DIR);
    expect(paperboy.volumes).toContain(`data:${directory}`);
    expect(owner.volumes).toEqual([`data:${directory}`]);
    expect(owner).toMatchObject({ image: paperboy.image, user: "root" });
    expect(owner.command).toEqual(["chown", `${paperboy.user}:${paperboy.user}`, directory]);
    expect(paperboy.depends_on?.["data-owner"]).toEqual({ condition: "service_completed_successfully" });
  });
});
