export * from "./embedded/embedded-postgres.ts";
export * from "./errors.ts";
export * from "./migrations/diff.ts";
export * from "./migrations/migrate.ts";
