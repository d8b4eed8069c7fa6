import { DAY_MS } from "@paperboy/core";
import { openStore, type Store } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import { createWorkerContext, type RunOutcome, readWorkerConfig, runUntilDone } from "@paperboy/worker";
import pg from "pg";
import { createTestDatabase } from "./database.ts";
import { type RunningCommand, startCommand } from "./paperboy.ts";
import { addReaders, gatePapers, publish } from "./readers.ts";
import { SECRET_KEYS } from "./secret.ts";
import { TEMPLATES } from "./templates.ts";

/** The instant at which the editions of a morning are due; its readers subscribed, and its papers came, the day before. */
export const MORNING = new Date("2026-11-24T07:30:00Z");

/** How many deliveries are in each state, how many readers got a mail, and how many mails were taken twice. */
export type Reconciliation = Readonly<Partial<Record<string, number>>>;

/** A mail that a relay has taken. */
export interface Mail {
  readonly messageId: string;
  readonly to: string;
}

/** Readers whose editions are due, in a database of their own, and the commands that send them. */
export interface Morning {
  readonly databaseUrl: string;
  readonly store: Store;
  readonly sql: pg.Pool;
  /** Starts from nothing but papers and readers, whose editions are due at `due`. */
  begin(readers: number, due?: Date): Promise<void>;
  reconcile(taken: readonly Mail[]): Promise<Reconciliation>;
  /** Starts `paperboy run` in a process of its own, to be harmed. */
  start(smtpUrl: string, env?: Env): RunningCommand;
  /** Sends what is due in this process, when what was left behind by others may be taken over. */
  run(smtpUrl: string, options?: { readonly env?: Env; readonly now?: Date }): Promise<RunOutcome>;
  close(): Promise<void>;
}

type Env = Readonly<Record<string, string>>;

/** What workers are told in these tests: leases are as short as they may be, and five mails are under way at most. */
export const workerSettings = (databaseUrl: string, smtpUrl: string): Env => ({
  DATABASE_URL: databaseUrl,
  SMTP_URL: smtpUrl,
  PUBLIC_URL: "http://papers.test",
  MAIL_FROM: "Paperboy <digest@papers.test>",
  SECRET_KEYS,
  LEASE_SECONDS: "2",
  SMTP_CONNECTIONS: "5",
});

/** Opens one on a database of its own. */
export async function openMorning(): Promise<Morning> {
  const database = await createTestDatabase();
  const morning = openMorningAt(database.url);
  return {
    ...morning,
    close: async () => {
      await morning.close();
      await database.close();
    },
  };
}

/** Opens one on a database that somebody else closes. */
export function openMorningAt(databaseUrl: string): Morning {
  const onIdleError = () => {}; // servers that are killed are what these tests are about
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: databaseUrl, onIdleError });
  const sql = new pg.Pool({ connectionString: databaseUrl, max: 3 }).on("error", onIdleError);
  const args = ["run", "--now", MORNING.toISOString(), "--json"];
  const settings = (smtpUrl: string, env: Env) => ({ ...workerSettings(databaseUrl, smtpUrl), ...env });
  return {
    databaseUrl,
    store,
    sql,
    begin: async (readers, due = MORNING) => {
      const dayBefore = new Date(due.getTime() - DAY_MS);
      await sql.query(
        "TRUNCATE subscribers, papers, suppressions, throttles, streams, stream_shares, markers CASCADE",
      );
      await publish(store, gatePapers(5), dayBefore);
      await addReaders(store, readers, dayBefore);
      await sql.query("DELETE FROM deliveries"); // the confirmations nobody waits for
    },
    reconcile: async (taken) => {
      const { rows } = await sql.query("SELECT status, count(*)::int AS n FROM deliveries GROUP BY status");
      const names = taken.map(({ messageId }) => messageId);
      return {
        ...Object.fromEntries(rows.map(({ status, n }) => [status, n])),
        readers: new Set(taken.map(({ to }) => to)).size,
        twice: names.length - new Set(names).size,
      };
    },
    start: (smtpUrl, env = {}) => startCommand(args, settings(smtpUrl, env)),
    run: async (smtpUrl, { env = {}, now = MORNING } = {}) => {
      const worker = await createWorkerContext(readWorkerConfig(settings(smtpUrl, env)), store, TEMPLATES);
      return runUntilDone(worker, now).finally(() => worker.close());
    },
    close: async () => {
      await sql.end();
      await store.close();
    },
  };
}
