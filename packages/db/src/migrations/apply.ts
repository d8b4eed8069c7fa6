import { readMigrations, readSchema } from "./migration-files.ts";
import { withSchemaEngine } from "./schema-engine.ts";

/**
 * Applies the migrations a database lacks, in this process, with Prisma's schema engine.
 *
 * @returns their names.
 */
export async function applyMigrations(databaseUrl: string): Promise<string[]> {
  const migrationsList = await readMigrations();
  const filters = { externalTables: [], externalEnums: [] };
  const { appliedMigrationNames } = await withSchemaEngine(databaseUrl, await readSchema(), (engine) =>
    engine.applyMigrations({ migrationsList, filters }),
  );
  return appliedMigrationNames;
}
