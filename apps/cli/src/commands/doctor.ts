import { Resolver } from "node:dns/promises";
import { readApiConfig } from "@paperboy/api";
import { checkDeliverability, createTransport } from "@paperboy/mail";
import { openQueue } from "@paperboy/queue";
import { readWorkerConfig } from "@paperboy/worker";
import type { Runtime } from "../context.ts";

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What is there, or what is wrong. */
  readonly detail: string;
}

export interface Health {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** Tries everything the configuration names. */
export async function checkHealth(runtime: Runtime): Promise<Health> {
  const { store, databaseUrl, config } = runtime;
  const inboxPort = await runtime.inboxPort();
  const env = runtime.env(inboxPort);
  const redis = config.env.REDIS_URL;
  const checks = [
    await check("settings", async () => {
      const { publicUrl } = readApiConfig(env);
      const { from } = readWorkerConfig(env);
      return `${publicUrl}, mail from ${from.address}`;
    }),
    await check("database", async () => {
      await store.ping();
      return config.env.DATABASE_URL === undefined
        ? `embedded in ${runtime.data.postgres}`
        : new URL(databaseUrl).host;
    }),
    await check("queue", async () => {
      const backend =
        redis === undefined
          ? ({ kind: "postgres", url: databaseUrl } as const)
          : ({ kind: "redis", url: redis } as const);
      const queue = await openQueue({ backend, onError: () => {} });
      await queue.ping().finally(() => queue.close());
      return redis === undefined ? "in the database" : new URL(redis).host;
    }),
    await check("relay", async () => {
      const transport = createTransport({ smtpUrl: env.SMTP_URL as string });
      await transport.verify().finally(() => transport.close());
      return config.env.SMTP_URL === undefined
        ? "the local inbox: no mail leaves this machine"
        : new URL(config.env.SMTP_URL).host;
    }),
  ];
  checks.push(...(await deliverabilityOf(runtime, env)));
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** What DNS says of the sender; only where mail leaves this machine. `DOCTOR_SKIP_DNS=1` tells it not to look. */
async function deliverabilityOf(
  { config }: Runtime,
  env: Record<string, string | undefined>,
): Promise<Check[]> {
  const relay = config.env.SMTP_URL;
  if (relay === undefined || isThisMachine(relay) || config.env.DOCTOR_SKIP_DNS === "1") return [];
  const { from, bounceDomain, publicUrl, dkim } = readWorkerConfig(env);
  const envelopeDomain = bounceDomain ?? from.address.slice(from.address.lastIndexOf("@") + 1);
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  const found = await checkDeliverability({ from: from.address, envelopeDomain, publicUrl, dkim }, resolver);
  return found.map(({ name, level, says }) => ({
    name,
    ok: level !== "error",
    detail: level === "warning" ? `(warning) ${says}` : says,
  }));
}

const isThisMachine = (url: string) => /^(?:localhost|127\.|\[::1\])/.test(new URL(url).hostname);

async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await look() };
  } catch (error) {
    return { name, ok: false, detail: (error as Error).message };
  }
}

/** The same for people. */
export function formatHealth({ checks }: Health): string {
  return checks
    .map(({ name, ok, detail }) => `${ok ? "ok   " : "FAIL "} ${name.padEnd(9)} ${detail}`)
    .join("\n");
}
