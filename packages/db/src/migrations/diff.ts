import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LOCKFILE, readMigrations, readSchema } from "./migration-files.ts";
import { withSchemaEngine } from "./schema-engine.ts";

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
  const migrations = await readMigrations();
  const { stdout } = await withSchemaEngine(databaseUrl, schema, (engine) =>
    engine.diff({
      from: { tag: "migrations", ...migrations },
      to: { tag: "schemaDatamodel", files: [{ path: "schema.prisma", content: schema }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    }),
  );
  if (!stdout || stdout.includes("This is an empty migration")) return undefined;
  const folder = `${now.toISOString().replace(/\D/g, "").slice(0, 14)}_${name}`;
  await mkdir(join(migrations.baseDir, folder), { recursive: true });
  await writeFile(join(migrations.baseDir, folder, "migration.sql"), stdout);
  await writeFile(join(migrations.baseDir, "migration_lock.toml"), LOCKFILE);
  return folder;
}
