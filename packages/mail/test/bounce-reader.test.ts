import { performance } from "node:perf_hooks";
import { expect, onTestFinished, test } from "vitest";
import { type BounceReaderOptions, openBounceReader, readBounce } from "../src/index.ts";
import { qmail, reply } from "./bounce-makers.ts";

function open(options?: BounceReaderOptions) {
  const reader = openBounceReader(options);
  onTestFinished(() => reader.close());
  return reader;
}

const HONEST = qmail("Sorry, no mailbox here by that name. (#5.1.1)");
/** Parts, folded fields and words that servers say: what costs a reader of mails most. */
const HOSTILE = reply(
  "failure notice",
  ["Return-Path: <>"],
  ...Array<string>(6_000).fill("a@b.example user"),
);

test("a mail is read in another thread as it is read here", async () => {
  const reader = open({ deadlineMs: 120_000 });
  const mails = [HONEST, reply("unsubscribe x", []), HOSTILE];
  const read = await Promise.all(mails.map(reader.read));
  expect(read).toEqual(await Promise.all(mails.map(readBounce)));
});

test("ten mails of strangers at once do not block this thread", async () => {
  const reader = open();
  await reader.read(HONEST);
  const before = performance.eventLoopUtilization();
  await Promise.all(Array.from({ length: 10 }, () => reader.read(HOSTILE)));
  const { active, idle } = performance.eventLoopUtilization(before);
  expect(active).toBeLessThan(idle / 4);
});

test("a mail that takes too long is given up, and the next ones are read", async () => {
  const reader = open({ deadlineMs: 1 });
  const slow = reader.read(HOSTILE);
  expect(await slow).toMatchObject({
    kind: "unrecognised",
    reason: "it takes too long to read",
    deliveredTo: [],
  });
  const withDefaults = open();
  const all = await Promise.all([withDefaults.read(HONEST), withDefaults.read(HONEST)]);
  expect(all.map(({ kind }) => kind)).toEqual(["hard", "hard"]);
});

test("a reader begins again after a mail it gave up", async () => {
  const reader = open({ deadlineMs: 1 });
  await reader.read(HOSTILE);
  expect((await reader.read(HOSTILE)).reason).toBe("it takes too long to read");
});

test("what waits when a reader is closed is rejected, and so is what comes later", async () => {
  const reader = openBounceReader();
  const waiting = expect(reader.read(HONEST)).rejects.toThrow("closed");
  await reader.close();
  await waiting;
  await expect(reader.read(HONEST)).rejects.toThrow("closed");
});
