// Applies the missing migrations to the database whose address it reads on stdin (it may hold a password, which
// the list of processes would show), and prints {"applied": […]} or {"error": …}. A process of its own: the schema
// engine takes 90 MB that the service would otherwise hold for as long as it lives.
import { text } from "node:stream/consumers";
import { explainFailure } from "@paperboy/core";
import { applyMigrations } from "../dist/migrations/apply.js";

let answer;
try {
  answer = { applied: await applyMigrations(await text(process.stdin)) };
} catch (error) {
  const database = process.argv[2] ?? "DATABASE_URL";
  const says =
    explainFailure(error, { database }) ?? `${database}: the database cannot be migrated (${error.message})`;
  answer = { error: says };
}
// The engine leaves a timer behind that would hold the process for ten seconds.
process.stdout.write(JSON.stringify(answer), () => process.exit(answer.error === undefined ? 0 : 1));
