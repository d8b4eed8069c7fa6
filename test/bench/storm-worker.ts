import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openStore } from "@paperboy/db";
import { createWorkerContext, deliver, plan, readWorkerConfig, sweep } from "@paperboy/worker";

/** A worker that plans, sweeps and delivers without end, by the day it is told, until it is killed. */
const [now = "", cacheDir = "", templatesDir = ""] = process.argv.slice(2);
const at = new Date(now);
const config = readWorkerConfig(process.env);
const store = openStore({ url: config.databaseUrl, poolSize: 4, onIdleError: () => {} });
const context = await createWorkerContext(config, store, { templatesDir, cacheDir: join(cacheDir) });
const { leaseSeconds, unknownPolicy } = config;
process.send?.("ready");
for (;;) {
  try {
    await sweep(store, unknownPolicy, at);
    await plan(store, context.library, at);
    await deliver(store, context.mailer, { now: () => at, leaseSeconds, unknownPolicy });
  } catch {
    // Postgres was killed under us: what was under way is found again by its lease.
  }
  await pause(100);
}
