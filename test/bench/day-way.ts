import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openLibrary, openStore } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import { createWorkerContext, plan, readWorkerConfig, runUntilDone } from "@paperboy/worker";
import { prepareLoop } from "./day-loop.ts";
import {
  CONNECTIONS,
  type DayDone,
  type DayOrder,
  type DayWay,
  PROJECT,
  type Prepared,
} from "./day-order.ts";
import { prepareUsual } from "./day-usual.ts";
import { PLAN_AT } from "./plan-morning.ts";

async function prepareOurs(order: DayOrder): Promise<Prepared> {
  const config = readWorkerConfig({
    DATABASE_URL: order.databaseUrl,
    SMTP_URL: order.smtpUrl,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    PUBLIC_URL: "https://papers.example.org",
    MAIL_FROM: "Paperboy <digest@papers.example.org>",
    SECRET_KEYS: "bench:0123456789abcdef0123456789abcdef",
    DKIM_DOMAIN: "papers.example.org",
    DKIM_SELECTOR: "bench",
    DKIM_PRIVATE_KEY: order.privateKey,
  });
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: order.databaseUrl });
  const library = openLibrary(store);
  const directories = { templatesDir: join(PROJECT, "templates"), cacheDir: order.cacheDir };
  const context = await createWorkerContext(config, store, { ...directories, library, now: () => PLAN_AT });
  return {
    run: async () => {
      const started = performance.now();
      await plan(store, library, PLAN_AT);
      const planSeconds = (performance.now() - started) / 1000;
      if (order.way === "plan only") return { sent: 0, planSeconds };
      const { submitted } = await runUntilDone(context, PLAN_AT);
      return { sent: submitted, planSeconds };
    },
    close: async () => {
      await context.close();
      await store.close();
    },
  };
}

const PREPARE: Record<DayWay, (order: DayOrder) => Promise<Prepared>> = {
  ours: prepareOurs,
  "plan only": prepareOurs,
  usual: prepareUsual,
  loop: prepareLoop,
};

/** Makes ready, says so, works when it is told to, says what it cost, and ends. */
async function main(order: DayOrder): Promise<void> {
  process.once("disconnect", () => process.exit(1)); // who started us is gone
  const { run, close } = await PREPARE[order.way](order);
  process.send?.("ready");
  await new Promise((resolve) => process.once("message", resolve));
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { sent, planSeconds } = await run();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const rssMb = process.resourceUsage().maxRSS / 1024;
  const done: DayDone = { sent, planSeconds, seconds, cpuMs: (user + system) / 1000, rssMb };
  process.send?.(done);
  await close();
  await pause(50);
  process.exit(0);
}

const [, , text] = process.argv;
if (process.send && text?.startsWith("{")) await main(JSON.parse(text) as DayOrder);
