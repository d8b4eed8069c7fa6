import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

type Names = Readonly<Record<string, string>>;

/** What the lockfile says of one package; of ours, what its package.json says. */
interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Names;
  readonly devDependencies?: Names;
  readonly optionalDependencies?: Names;
}

const readJson = (path: string) => JSON.parse(readFileSync(`${ROOT}${path}`, "utf8"));
const packages = readJson("package-lock.json").packages as Readonly<Record<string, Locked>>;
const isInstalled = ([place, { link }]: [string, Locked]) => place.includes("node_modules/") && !link;
const installed = Object.entries(packages).filter(isInstalled);

/** Where a package finds another: in its own folder, or in one above. */
function find(place: string, name: string): Locked | undefined {
  for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/")))) {
    const found = packages[`${from === "" ? "" : `${from}/`}node_modules/${name}`];
    if (found !== undefined || from === "") return found;
    if (!from.includes("/node_modules/")) from = "";
  }
}

describe("package-lock.json", () => {
  it("names version and checksum of every package, and no registry", () => {
    expect(installed.length).toBeGreaterThan(400);
    const incomplete = installed.filter(
      ([, { version, integrity, resolved }]) =>
        !version || !integrity?.startsWith("sha") || resolved !== undefined,
    );
    expect(incomplete.map(([place]) => place)).toEqual([]);
  });

  it("has the packages of every platform, which `npm ci` asks for", () => {
    const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => find(place, name) === undefined)
        .map((name) => `${place} needs ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it("was made from the package.json of each room", () => {
    const rooms = Object.keys(packages).filter((place) => !place.includes("node_modules"));
    expect(rooms.length).toBeGreaterThan(8);
    for (const room of rooms) {
      const path = `${room === "" ? "" : `${room}/`}package.json`;
      expect(existsSync(`${ROOT}${path}`), path).toBe(true);
      const { dependencies, devDependencies } = readJson(path) as Locked;
      expect(packages[room], path).toMatchObject({
        ...(dependencies && { dependencies }),
        ...(devDependencies && { devDependencies }),
      });
    }
  });
});
