import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "@paperboy/db";

const NAME = "paperboy-test-";

/** Makes the data directory of a throw-away server: in memory, where there is room. Whoever made it removes it. */
export function makeServerDirectory(): string {
  const memory = roomInMemory();
  if (memory !== undefined) clearLeftovers(memory);
  const directory = mkdtempSync(join(memory ?? tmpdir(), `${NAME}${process.pid}-`));
  chmodSync(directory, 0o755); // the account the server runs as must get in
  return directory;
}

/** The databases of a run together hardly get this large. */
const ROOM = 4 * 2 ** 30;

/** Where files lie in memory, when there is such a place and room in it: to copy a database takes a tenth of the time there. */
function roomInMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize >= ROOM ? "/dev/shm" : undefined;
  } catch {
    return undefined; // not on this system
  }
}

/** What runs left that were killed would stay in memory. */
function clearLeftovers(memory: string): void {
  for (const name of readdirSync(memory).filter((each) => each.startsWith(NAME))) {
    if (!isAlive(Number.parseInt(name.slice(NAME.length), 10))) {
      rmSync(join(memory, name), { recursive: true, force: true });
    }
  }
}
