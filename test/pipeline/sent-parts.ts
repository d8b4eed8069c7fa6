import { openLibrary, type Store } from "@paperboy/db";
import { createWorkerContext, readWorkerConfig, type WorkerContext } from "@paperboy/worker";
import { TEMPLATES } from "../harness/templates.ts";

export const day = (n: number, time = "07:30:00") => new Date(`2026-11-${n}T${time}Z`);

export const workers: WorkerContext[] = [];

export const refuse = (responseCode: number, message: string) => () => {
  throw Object.assign(new Error(message), { responseCode });
};

export const decoded = (raw: string) =>
  raw.replace(
    /Content-Transfer-Encoding: base64\r\n(?:.+\r\n)*\r\n([A-Za-z0-9+/=\r\n]+)/g,
    (_all, body: string) => Buffer.from(body, "base64").toString(),
  );

export const partsIn = (raw: string) =>
  [...new Set(decoded(raw).match(/Gated recurrence, part \d+/g) ?? [])].map((text) =>
    Number(text.split(" ").at(-1)),
  );

/** A worker with these settings; its transport is its own. To be closed with the other {@link workers}. */
export async function openSendingWorker(
  databaseUrl: string,
  smtpUrl: string,
  store: Store,
  env: Record<string, string>,
): Promise<WorkerContext> {
  const config = readWorkerConfig({
    DATABASE_URL: databaseUrl,
    SMTP_URL: smtpUrl,
    PUBLIC_URL: "https://papers.example.org",
    MAIL_FROM: "Paperboy <digest@papers.example.org>",
    SECRET_KEYS: "test:0123456789abcdef0123456789abcdef",
    ...env,
  });
  const worker = await createWorkerContext(config, store, { ...TEMPLATES, library: openLibrary(store) });
  workers.push(worker);
  return worker;
}
