import { randomUUID } from "node:crypto";
import { readApiConfig } from "@paperboy/api";
import { bounceAddress, settingWarnings } from "@paperboy/core";
import { DatabaseUnavailable } from "@paperboy/db";
import {
  checkDeliverability,
  checkRelay,
  checkTls,
  openResolver,
  sendTestMail,
  type Verdict,
} from "@paperboy/mail";
import { openQueue } from "@paperboy/queue";
import { readWorkerConfig, type WorkerConfig } from "@paperboy/worker";
import { type CliConfig, leavesThisMachine } from "../config.ts";
import {
  type CommandContext,
  completeEnvironment,
  openCommandContext,
  openRuntime,
  type Runtime,
} from "../context.ts";
import { formatDestination } from "./status.ts";

export interface Check {
  readonly name: string;
  /** False when something has to be done; a warning is fine. */
  readonly ok: boolean;
  readonly level: Verdict["level"];
  /** What is there, or what is wrong and what to do. */
  readonly detail: string;
}

export interface Health {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** Milliseconds that all questions to DNS may take together. */
const DNS_WITHIN = 8_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Tries everything the configuration names; when its database cannot be reached, everything else. Only with `sendTo`, an
 * address that `parseAddress` accepted, does it send anything: one mail.
 */
export async function checkHealth(
  config: CliConfig,
  say: (line: string) => void,
  sendTo?: string,
): Promise<Health> {
  const opened = await openRuntime(config, say, "nothing").catch((error) => {
    if (error instanceof DatabaseUnavailable) return error;
    throw error;
  });
  if (!(opened instanceof Error))
    return examine(opened, opened.databaseUrl, () => checkParts(opened), sendTo);
  const databaseUrl = config.env.DATABASE_URL ?? "";
  return examine(openCommandContext(config), databaseUrl, () => checkWithout(opened, config), sendTo);
}

/** Looks at everything, and closes what it looks at. */
async function examine(
  context: CommandContext,
  databaseUrl: string,
  lookAtParts: () => Promise<Check[]>,
  sendTo?: string,
): Promise<Health> {
  const { config } = context;
  try {
    const env = completeEnvironment(context, databaseUrl, await context.inboxPort());
    const [settings, parts, mail] = await Promise.all([
      checkSettings(env),
      lookAtParts(),
      checkMail(config, env),
    ]);
    const sent = sendTo === undefined || !settings.ok ? [] : [await sendTest(config, env, sendTo)];
    const checks = [settings, ...parts, ...mail, ...sent];
    return { ok: checks.every(({ ok }) => ok), checks };
  } finally {
    await context.close();
  }
}

/** Whether the settings can be read, and whether any name is misspelt. */
async function checkSettings(env: Environment): Promise<Check> {
  const read = await check("settings", async () => {
    const { publicUrl } = readApiConfig(env);
    const { from } = readWorkerConfig(env);
    return `${publicUrl}, mail from ${from.address}`;
  });
  const misspelt = settingWarnings(env);
  if (!read.ok || misspelt.length === 0) return read;
  return { ...read, level: "warning", detail: `${misspelt.join("; ")} (${read.detail})` };
}

/** What can be looked at of the parts when the database is unavailable. */
async function checkWithout(database: DatabaseUnavailable, config: CliConfig): Promise<Check[]> {
  const lost: Check = { name: "database", ok: false, level: "error", detail: database.message };
  return config.env.REDIS_URL === undefined ? [lost] : [lost, await checkQueue(config.env.REDIS_URL, "")];
}

function checkQueue(redis: string | undefined, databaseUrl: string): Promise<Check> {
  return check("queue", async () => {
    const backend =
      redis === undefined
        ? ({ kind: "postgres", url: databaseUrl } as const)
        : ({ kind: "redis", url: redis } as const);
    const queue = await openQueue({ backend, onError: () => {} });
    await queue.ping().finally(() => queue.close());
    return redis === undefined ? "in the database" : new URL(redis).host;
  });
}

function checkParts({ store, databaseUrl, config, data }: Runtime): Promise<Check[]> {
  return Promise.all([
    check("database", async () => {
      await store.ping();
      return config.env.DATABASE_URL === undefined
        ? `embedded in ${data.postgres}`
        : new URL(databaseUrl).host;
    }),
    checkQueue(config.env.REDIS_URL, databaseUrl),
    check("sending", async () => {
      const held = await store.destinations.list(new Date());
      if (held.some(({ pausedUntil }) => pausedUntil !== null)) {
        throw new Error(
          `${held.map(formatDestination).join("; ")} (repaired? then: paperboy sending resume)`,
        );
      }
      return held.length === 0
        ? "sending is neither paused nor slowed down"
        : held.map(formatDestination).join("; ");
    }),
  ]);
}

/** The way mail takes; what the world thinks of it is asked only where mail leaves this machine. */
async function checkMail(config: CliConfig, env: Environment): Promise<Check[]> {
  const worker = readSettings(env);
  if (worker === null) return []; // "settings" says why
  const { smtpUrl, dkim } = worker;
  const [relay, more] = await Promise.all([
    checkRelay(smtpUrl, dkim),
    leavesThisMachine(config) ? checkDelivery(worker, config.allow, env.DOCTOR_SKIP_DNS === "1") : [],
  ]);
  const isInbox = relay.level === "ok" && config.env.SMTP_URL === undefined;
  const says = isInbox ? "the local inbox: no mail leaves this machine" : relay.says;
  return [checkOf("relay", { ...relay, says }), ...more];
}

function readSettings(env: Environment): WorkerConfig | null {
  try {
    return readWorkerConfig(env);
  } catch {
    return null;
  }
}

async function checkDelivery(
  { from, bounceDomain, publicUrl, dkim, smtpUrl }: WorkerConfig,
  allow: CliConfig["allow"],
  skipDns: boolean,
): Promise<Check[]> {
  const input = { from: from.address, envelopeDomain: bounceDomain, publicUrl, dkim, smtpUrl, allow };
  const resolver = skipDns ? null : openResolver(DNS_WITHIN);
  const [tls, found] = await Promise.all([
    checkTls(smtpUrl, new Date()),
    checkDeliverability(input, resolver).finally(() => resolver?.close()),
  ]);
  return [checkOf("tls", tls), ...found.map((each) => checkOf(each.name, each))];
}

async function sendTest(config: CliConfig, env: Environment, to: string): Promise<Check> {
  const { smtpUrl, dkim, from, publicUrl, bounceDomain, keys } = readWorkerConfig(env);
  const id = randomUUID();
  const returnPath = bounceDomain && bounceAddress(id, bounceDomain, keys);
  const mail = { id, from, to, date: new Date(), publicUrl, ...(returnPath && { returnPath }) };
  const verdict = await sendTestMail({ smtpUrl, dkim }, mail);
  const isInbox = verdict.level === "ok" && config.env.SMTP_URL === undefined;
  return checkOf(
    "test mail",
    isInbox ? { ...verdict, says: `the mail to ${to} is in the local inbox` } : verdict,
  );
}

const checkOf = (name: string, { level, says }: Verdict): Check => ({
  name,
  ok: level !== "error",
  level,
  detail: says,
});

async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, level: "ok", detail: await look() };
  } catch (error) {
    return { name, ok: false, level: "error", detail: (error as Error).message };
  }
}

const MARKS = { ok: "ok  ", warning: "warn", error: "FAIL" } as const;

/** The same for people. */
export function formatHealth({ checks }: Health): string {
  return checks.map(({ name, level, detail }) => `${MARKS[level]}  ${name.padEnd(9)} ${detail}`).join("\n");
}
