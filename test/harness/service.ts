import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiPorts, createMetrics, readApiConfig, startApi } from "@paperboy/api";
import { parseSigningKeys } from "@paperboy/core";
import { openLibrary, openStore, type Store } from "@paperboy/db";
import { openMailbox, startInbox } from "@paperboy/mail";
import { ARXIV_POLICY, parseNewSource, parsePaperRecord } from "@paperboy/sources";
import {
  createWorkerContext,
  deliverDue,
  readWorkerConfig,
  takeWebhook,
  type WorkerContext,
  workerMetrics,
} from "@paperboy/worker";
import { pino } from "pino";
import { createTestDatabase } from "./database.ts";
import { TEMPLATES } from "./templates.ts";

export const ADMIN_TOKEN = "test-admin-token-0123456789";
export const SECRET_KEYS = "test:0123456789abcdef0123456789abcdef";

type Mail = NonNullable<Awaited<ReturnType<NonNullable<ApiPorts["mailbox"]>["read"]>>>;

/** The API on a free port and a worker, in this process, over a database and an inbox of their own. */
export interface TestService {
  readonly url: string;
  readonly databaseUrl: string;
  readonly store: Store;
  readonly worker: WorkerContext;
  /** Moves the service's clock. */
  setTime(now: Date): void;
  /** Sends what is due by the service's clock, then gives every mail there is, oldest first. */
  mails(): Promise<Mail[]>;
  close(): Promise<void>;
}

/** Starts a service; what is mailed waits until a test asks for it. */
export async function startService(
  env: Readonly<Record<string, string>> = {},
  start = new Date("2026-11-24T09:00:00Z"),
  indexOptions: Parameters<typeof openLibrary>[1] = {},
): Promise<TestService> {
  const database = await createTestDatabase();
  const store = openStore({
    arxivPolicy: ARXIV_POLICY,
    url: database.url,
    keys: parseSigningKeys(env.SECRET_KEYS ?? SECRET_KEYS),
  });
  const directory = mkdtempSync(join(tmpdir(), "paperboy-inbox-"));
  const inbox = await startInbox({ directory, port: 0 });
  const mailbox = openMailbox(directory);
  const library = openLibrary(store, indexOptions);
  let time = start;
  const now = () => time;
  const settings = {
    PORT: "0",
    PUBLIC_URL: "http://papers.test",
    DATABASE_URL: database.url,
    SMTP_URL: `smtp://127.0.0.1:${inbox.port}`,
    MAIL_FROM: "Paperboy <digest@papers.example.org>",
    SECRET_KEYS,
    ADMIN_TOKEN,
    RATE_LIMIT_QUERIES: "0",
    RATE_LIMIT_REQUESTS: "0",
    ...env,
  };
  const logger = pino({ level: "silent" });
  const jobs = async () => ({ deliver: { waiting: 0, active: 0, delayed: 0 } });
  const metrics = createMetrics(store, library, { version: "0.0.0", jobs });
  const telemetry = { log: logger, metrics: await workerMetrics(metrics.registry) };
  const options = { ...TEMPLATES, library, now, telemetry };
  const worker = await createWorkerContext(readWorkerConfig(settings), store, options);
  const api = await startApi({
    config: readApiConfig(settings),
    store,
    library,
    hint: async () => {},
    renderDigest: (digest) => ({ html: worker.renderer.digestPage(digest) }),
    parsePaperRecord,
    parseSource: parseNewSource,
    takeWebhook: (provider, body, at) => takeWebhook(store, provider, body, worker.config.keys, at),
    mailbox,
    now,
    logger,
    metrics,
    ready: () => store.ping(),
  });
  return {
    url: api.url,
    databaseUrl: database.url,
    store,
    worker,
    setTime: (at) => {
      time = at;
    },
    mails: async () => {
      await deliverDue(worker, now());
      const list = await mailbox.list();
      const mails = await Promise.all(list.map(({ id }) => mailbox.read(id)));
      return mails.filter((mail) => mail !== null).reverse();
    },
    close: async () => {
      await api.close();
      await worker.close();
      await inbox.close();
      await store.close();
      await database.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** A link of a mail, as the service under test answers it, whatever its public address. */
export function linkIn(mail: { readonly text: string | null }, path: string, service: TestService): string {
  const found = new RegExp(`https?://[^\\s/]+(${path}[^\\s)>\\]]*)`).exec(mail.text ?? "");
  if (found === null) throw new Error(`the mail holds no link to ${path}: ${mail.text}`);
  return `${service.url}${found[1]}`;
}
