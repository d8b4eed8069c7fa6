import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DAY_MS } from "@paperboy/core";
import { openMailbox, type StoredMail } from "@paperboy/mail";
import { samplePapers } from "@paperboy/sources";
import { runUntilDone } from "@paperboy/worker";
import { pino } from "pino";
import { type CliConfig, readCliConfig } from "../config.ts";
import { openRuntime } from "../context.ts";
import type { Output } from "../output.ts";
import { openWorker } from "../runtime/worker.ts";
import { type RunningPaperboy, startPaperboy } from "../start.ts";

export interface Demo {
  readonly subject: string;
  readonly papers: readonly string[];
  readonly html: string;
  readonly text: string;
  readonly eml: string;
}

const READER = "reader@example.org";

/**
 * Walks the whole way once, through the public doors, in a data directory that is thrown away: subscribe, follow
 * the mailed link to confirm, ingest the sample, run the next morning, and keep the digest it mailed.
 */
export async function demo(out: string | undefined, output: Output): Promise<Demo> {
  const directory = mkdtempSync(join(tmpdir(), "paperboy-demo-"));
  chmodSync(directory, 0o755); // Postgres runs as another user when we are root
  const dataDir = join(directory, "data");
  const port = String(await freePort());
  const config = readCliConfig({ PAPERBOY_DATA_DIR: dataDir, PORT: port, INBOX_SMTP_PORT: "0" });
  const service = await startPaperboy(config, pino({ level: "silent" }), output.progress, { sample: false });
  try {
    const mailbox = openMailbox(join(dataDir, "inbox"));
    output.progress("Subscribing…");
    await order(service.publicUrl);
    const confirmation = await nextMail(mailbox, 0);
    await confirm(confirmation);
    output.progress("Running tomorrow morning…");
    const papers = await runTomorrow(config, service);
    return keep(await nextMail(mailbox, 1), papers, out ?? mkdtempSync(join(tmpdir(), "paperboy-digest-")));
  } finally {
    await service.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const DEMO_TOPIC = "attention OR gate*";

/** Ingests the sample and runs the next day; gives the titles of the papers that were mailed. */
async function runTomorrow(config: CliConfig, { publicUrl, inbox }: RunningPaperboy): Promise<string[]> {
  const env = { ...config.env, PUBLIC_URL: publicUrl, SMTP_URL: `smtp://127.0.0.1:${inbox?.smtpPort}` };
  const runtime = await openRuntime({ ...config, env });
  const worker = await openWorker(runtime);
  try {
    const { store } = runtime;
    const now = new Date();
    await store.ingest({ name: "sample", kind: "sample" }, samplePapers(now), now);
    await store.papers.announce(now);
    await runUntilDone(worker, new Date(now.getTime() + DAY_MS));
    const [sent] = (await store.deliveries.list({ status: "submitted", limit: 2 })).filter(
      ({ kind }) => kind === "digest",
    );
    const digest = sent && (await store.deliveries.findDigest(sent.id));
    const ids = digest?.sections.flatMap((section) => section.papers.map(({ id }) => id)) ?? [];
    const titles = new Map((await store.papers.byIds(ids)).map(({ id, title }) => [id, title]));
    return ids.map((id) => titles.get(id) ?? "");
  } finally {
    await worker.close();
    await runtime.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function order(publicUrl: string): Promise<void> {
  const answer = await fetch(`${publicUrl}/api/v1/subscriptions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      email: READER,
      topics: [{ name: "Attention and gates", query: DEMO_TOPIC }],
      trending: true,
      cadence: "daily",
      time: "07:00",
      timezone: "UTC",
    }),
  });
  if (answer.status !== 202)
    throw new Error(`subscribing was answered ${answer.status}: ${await answer.text()}`);
}

/** Waits for the inbox to hold more than `known` mails; the service delivers in the background. */
async function nextMail(mailbox: ReturnType<typeof openMailbox>, known: number): Promise<StoredMail> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const mails = await mailbox.list();
    const newest = mails.length > known ? mails[0] : undefined;
    if (newest !== undefined) return (await mailbox.read(newest.id)) as StoredMail;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("no mail arrived within 30 s");
}

async function confirm(mail: StoredMail): Promise<void> {
  const link = /https?:\/\/\S+\/confirm\?token=[\w.-]+/.exec(mail.text ?? "")?.[0];
  if (link === undefined) throw new Error("the confirmation holds no link");
  const answer = await fetch(link, { method: "POST" });
  if (!answer.ok) throw new Error(`confirming was answered ${answer.status}`);
}

function keep(mail: StoredMail, papers: readonly string[], directory: string): Demo {
  const path = (name: string) => join(resolve(directory), name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path("digest.html"), mail.html ?? "");
  writeFileSync(path("digest.txt"), mail.text ?? "");
  writeFileSync(path("digest.eml"), mail.raw);
  return {
    subject: mail.subject,
    papers,
    html: path("digest.html"),
    text: path("digest.txt"),
    eml: path("digest.eml"),
  };
}

/** The same for people. */
export function formatDemo({ subject, papers, html, text, eml }: Demo): string {
  const list = papers.map((title, index) => `  ${index + 1}. ${title}`);
  return [subject, "", ...list, "", `HTML  ${html}`, `Text  ${text}`, `Mail  ${eml}`].join("\n");
}
