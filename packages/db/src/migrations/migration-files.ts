import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MigrationList } from "@prisma/schema-engine-wasm/schema_engine_bg";

/** The project's `prisma/` folder: the schema and its migrations. */
export const PRISMA_DIRECTORY = fileURLToPath(new URL("../../../../prisma/", import.meta.url));

/** What Prisma keeps beside migrations to tell which database they are written for. */
export const LOCKFILE = 'provider = "postgresql"\n';

/** The data model, as written in `prisma/schema.prisma`. */
export const readSchema = () => readFile(join(PRISMA_DIRECTORY, "schema.prisma"), "utf8");

/** Reads the migrations on disk, oldest first, in the form the schema engine takes. */
export async function readMigrations(): Promise<MigrationList> {
  const baseDir = join(PRISMA_DIRECTORY, "migrations");
  const entries = await readdir(baseDir, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir,
    lockfile: { path: "migration_lock.toml", content: LOCKFILE },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(
      names.sort().map(async (path) => ({
        path,
        migrationFile: {
          path: "migration.sql",
          content: {
            tag: "ok" as const,
            value: await readFile(join(baseDir, path, "migration.sql"), "utf8"),
          },
        },
      })),
    ),
  };
}
