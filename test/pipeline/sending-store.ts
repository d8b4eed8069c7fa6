import { openLibrary, type Store } from "@paperboy/db";
import type { TestDatabase } from "@paperboy/harness/database";
import { addReaders, GATE_ORDER } from "@paperboy/harness/readers";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { type SmtpSink, startSmtpSink } from "@paperboy/harness/smtp-sink";
import { openTestStore } from "@paperboy/harness/store";
import { TEMPLATES } from "@paperboy/harness/templates";
import { createWorkerContext, readWorkerConfig, type WorkerContext } from "@paperboy/worker";
import type pg from "pg";
import { afterEach, beforeAll, beforeEach } from "vitest";
import { day } from "./sent-parts.ts";

let database: TestDatabase;

export let store: Store;

export let sql: pg.Pool;

export let sink: SmtpSink;

const workers: WorkerContext[] = [];

/** A worker with these settings; its transport is its own. Closed when the test is over. */
export async function openWorker(env: Record<string, string> = {}): Promise<WorkerContext> {
  const config = readWorkerConfig({
    DATABASE_URL: database.url,
    SMTP_URL: sink.url,
    PUBLIC_URL: "https://papers.example.org",
    MAIL_FROM: "Paperboy <digest@papers.example.org>",
    SECRET_KEYS,
    ...env,
  });
  const worker = await createWorkerContext(config, store, { ...TEMPLATES, library: openLibrary(store) });
  workers.push(worker);
  return worker;
}

export async function readers(count: number, order = GATE_ORDER): Promise<void> {
  await addReaders(store, count, day(20), order);
  await sql.query("DELETE FROM deliveries");
}

/** Opens a store with a relay beside it; each test begins with no reader, and its workers are closed. */
export function openSending(): void {
  beforeAll(async () => {
    const opened = await openTestStore();
    ({ database, store, sql } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    await sql.query(
      "TRUNCATE subscribers, papers, suppressions, throttles, streams, stream_shares, markers CASCADE",
    );
    sink = await startSmtpSink();
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.close();
    await sink.close();
  });
}
