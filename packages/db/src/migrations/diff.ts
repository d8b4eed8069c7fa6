import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LOCKFILE, PRISMA_DIRECTORY, readMigrations, readSchema } from "./migration-files.ts";
import { openSchemaEngine } from "./schema-engine.ts";

/**
 * Writes the SQL that leads from the migrations on disk to `prisma/schema.prisma` as a new migration.
 * `databaseUrl` names a server on which a shadow database may be created and dropped.
 *
 * @returns the new folder's name, or undefined when the schema has not changed.
 */
export async function writeMigration(
  databaseUrl: string,
  name: string,
  now: Date,
): Promise<string | undefined> {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw new Error(`a migration's name is lower_case_words, not '${name}'`);
  const schema = await readSchema();
  const engine = await openSchemaEngine(databaseUrl, schema);
  const { stdout } = await engine.diff({
    from: { tag: "migrations", ...(await readMigrations()) },
    to: { tag: "schemaDatamodel", files: [{ path: "schema.prisma", content: schema }] },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  if (!stdout || stdout.includes("This is an empty migration")) return undefined;
  const folder = `${now.toISOString().replace(/\D/g, "").slice(0, 14)}_${name}`;
  const migrations = join(PRISMA_DIRECTORY, "migrations");
  await mkdir(join(migrations, folder), { recursive: true });
  await writeFile(join(migrations, folder, "migration.sql"), stdout);
  await writeFile(join(migrations, "migration_lock.toml"), LOCKFILE);
  return folder;
}
