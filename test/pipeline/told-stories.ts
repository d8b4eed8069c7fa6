import { openLibrary } from "@paperboy/db";
import { addReaders, GATE_ORDER } from "@paperboy/harness/readers";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { type SmtpSink, startSmtpSink } from "@paperboy/harness/smtp-sink";
import { openTestStore, type TestStore } from "@paperboy/harness/store";
import { TEMPLATES } from "@paperboy/harness/templates";
import {
  createWorkerContext,
  type MatchState,
  readWorkerConfig,
  runUntilDone,
  tellReaderStory,
} from "@paperboy/worker";
import { afterEach, beforeAll, beforeEach } from "vitest";

export const day = (n: number, time = "07:30:00") => new Date(`2026-11-${n}T${time}Z`);

export const READER = "reader0@example.org";

export let open: TestStore;

export let sink: SmtpSink;

export const subscribe = (order = GATE_ORDER, confirmedAt = day(20)) =>
  addReaders(open.store, 1, confirmedAt, order);

export const why = async (date?: string, now = day(24, "09:00:00"), address = READER) => {
  const story = await tellReaderStory(open.store, openLibrary(open.store), address, { date, now });
  if (story === null) throw new Error("nothing is kept");
  return story;
};

/** How many papers of the only topic are in each state. */
export const counts = async (date?: string, now?: Date): Promise<Partial<Record<MatchState, number>>> => {
  const all: Partial<Record<MatchState, number>> = (await why(date, now)).edition?.topics[0]?.counts ?? {};
  return Object.fromEntries(Object.entries(all).filter(([, n]) => n > 0));
};

export const run = async (now: Date) => {
  const config = readWorkerConfig({
    DATABASE_URL: open.database.url,
    SMTP_URL: sink.url,
    PUBLIC_URL: "https://papers.example.org",
    MAIL_FROM: "Paperboy <digest@papers.example.org>",
    SECRET_KEYS,
  });
  const worker = await createWorkerContext(config, open.store, {
    ...TEMPLATES,
    library: openLibrary(open.store),
  });
  return runUntilDone(worker, now).finally(() => worker.close());
};

/** Refuses every mail of a run for now. */
export const runWithFullMailbox = async (now: Date) => {
  sink.script = {
    onRecipient: () => {
      throw Object.assign(new Error("4.2.2 mailbox full"), { responseCode: 452 });
    },
  };
  const outcome = await run(now);
  sink.script = {};
  return outcome;
};

/** Opens a store with a relay beside it; each test begins with no reader and no paper. */
export function openStories(): void {
  beforeAll(async () => {
    open = await openTestStore();
    return open.close;
  });
  beforeEach(async () => {
    await open.sql.query("TRUNCATE subscribers, papers, suppressions, throttles, streams, markers CASCADE");
    sink = await startSmtpSink();
  });
  afterEach(() => sink.close());
}
