// Applies the missing migrations to the database whose address it reads on stdin (it may hold a password, which
// the list of processes would show), and prints {"applied": […]} or {"error": …}. A process of its own: the schema
// engine takes 90 MB that the service would otherwise hold for as long as it lives.
import { text } from "node:stream/consumers";
import { applyMigrations } from "../dist/migrations/apply.js";

try {
  const applied = await applyMigrations(await text(process.stdin));
  process.stdout.write(JSON.stringify({ applied }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error.message }));
  process.exitCode = 1;
}
