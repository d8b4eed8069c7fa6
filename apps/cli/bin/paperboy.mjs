#!/usr/bin/env node
// The only executable: makes the clone ready, then hands over to the built command line.
import { ensureSetup } from "./setup.mjs";

try {
  await ensureSetup();
} catch (error) {
  process.stderr.write(`paperboy: ${error.message}\n`);
  process.exit(1);
}
const { main } = await import("../dist/index.js");
await main(process.argv.slice(2));
