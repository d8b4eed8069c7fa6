import { setImmediate } from "node:timers/promises";
import type { PaperDraft, SubscriptionOrder } from "@paperboy/core";
import { TooManyMarks } from "@paperboy/db";
import { addReaders, GATE_ORDER, publish } from "@paperboy/harness/readers";
import { startService, type TestService } from "@paperboy/harness/service";
import { plan, runUntilDone } from "@paperboy/worker";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readyForYou } from "../../apps/worker/src/stages/ready-for-you.ts";

const day = (date: number, time = "07:00:00") => new Date(`2026-11-${date}T${time}Z`);
const SUBJECTS = Array.from({ length: 60 }, (_, n) => `quark${n} lepton${n} boson${n}`);
const FOR_YOU: SubscriptionOrder = { ...GATE_ORDER, topics: [], forYou: true };

/** Papers of sixty subjects, `count` of each. */
const drafts = (batch: string, count = 1, subjects = SUBJECTS): PaperDraft[] =>
  subjects.flatMap((subject, n) =>
    Array.from({ length: count }, (_, k) => ({
      externalId: `${batch}-${subject}-${k}`,
      title: `On ${subject}, ${batch} ${k}`,
      abstract: `We measure ${subject} in a box of kind ${batch}${k}. It is well measured.`,
      authors: [`Author${n} Of${batch}`],
    })),
  );

let service: TestService;
let sql: pg.Pool;
beforeEach(async () => {
  service = await startService();
  sql = new pg.Pool({ connectionString: service.databaseUrl });
});
afterEach(async () => {
  await sql.end();
  await service.close();
});

const idOf = async (title: string) =>
  (await sql.query<{ id: number }>("SELECT id FROM papers WHERE title = $1", [title])).rows[0]?.id as number;

const mark = async (reader: string, direction: "more" | "less", title: string) => {
  const paperId = await idOf(title);
  const each = { direction, markedAt: "page", paperId, title, abstract: "", authors: [] } as const;
  await service.store.marks.add(reader, [each], day(23));
};

interface Section {
  readonly kind: string;
  readonly papers: readonly { readonly id: number; readonly reason: string | null }[];
}

/** Titles and reasons of a section of the newest edition. */
async function shown(reader: string, kind = "forYou") {
  const { rows } = await sql.query<{ sections: Section[] }>(
    "SELECT sections FROM digests WHERE subscription_id = $1 ORDER BY planned_at DESC, edition DESC LIMIT 1",
    [reader],
  );
  const papers = rows[0]?.sections.find((section) => section.kind === kind)?.papers ?? [];
  const titles = await sql.query<{ id: number; title: string }>(
    "SELECT id, title FROM papers WHERE id = ANY($1)",
    [papers.map(({ id }) => id)],
  );
  const byId = new Map(titles.rows.map(({ id, title }) => [id, title]));
  return papers.map(({ id, reason }) => ({ title: byId.get(id), reason }));
}

/** A reader who had the first edition, and marked a paper that was there before. */
async function readerWhoMarked(order = FOR_YOU): Promise<string> {
  await publish(service.store, drafts("old", 4), day(10));
  const [reader = ""] = await addReaders(service.store, 1, day(22), order);
  await mark(reader, "more", "On quark3 lepton3 boson3, old 0");
  await mark(reader, "more", "On quark3 lepton3 boson3, old 1");
  return reader;
}

it("brings new papers like those that were marked, says why in words that are true, and never twice", async () => {
  const reader = await readerWhoMarked();
  await publish(service.store, drafts("new"), day(23, "05:00:00"));
  expect(await runUntilDone(service.worker, day(23))).toMatchObject({ planned: 1, submitted: 1 });
  const [only, ...others] = await shown(reader);
  expect(others).toEqual([]);
  expect(only?.title).toBe("On quark3 lepton3 boson3, new 0");
  expect(only?.reason).toMatch(/^like “On quark3 lepton3 boson3, old \d”, which you marked; shares: /);
  const mail = (await service.mails()).at(-1);
  expect(mail?.text).toContain("For you: like “On quark3 lepton3 boson3, old");
  expect(mail?.html).toContain("On quark3 lepton3 boson3, new 0");
  expect(await runUntilDone(service.worker, day(24))).toMatchObject({ planned: 0, skipped: 1 });
  await publish(service.store, drafts("newer"), day(25, "05:00:00"));
  await runUntilDone(service.worker, day(25));
  expect((await shown(reader)).map(({ title }) => title)).toEqual(["On quark3 lepton3 boson3, newer 0"]);
});

it("leaves to a topic what the topic brings", async () => {
  const topics = [{ name: "Quarks", query: "quark3" }];
  const reader = await readerWhoMarked({ ...FOR_YOU, topics });
  await publish(service.store, drafts("new", 2, SUBJECTS.slice(0, 8)), day(23, "05:00:00"));
  await runUntilDone(service.worker, day(23));
  expect((await shown(reader, "topic")).map(({ title }) => title).toSorted()).toEqual([
    "On quark3 lepton3 boson3, new 0",
    "On quark3 lepton3 boson3, new 1",
  ]);
  expect(await shown(reader)).toEqual([]);
});

it("follows what is struck out, what is taken back, and a mark that is removed", async () => {
  const reader = await readerWhoMarked();
  const { tastes, marks } = service.store;
  const next = async (date: number) => {
    await publish(service.store, drafts(`day${date}`), day(date, "05:00:00"));
    await runUntilDone(service.worker, day(date));
    return (await shown(reader)).map(({ title }) => title);
  };
  const ofThree = (date: number) => [`On quark3 lepton3 boson3, day${date} 0`];
  expect(await next(23)).toEqual(ofThree(23));
  for (const word of ["quark3", "lepton3", "boson3"]) await tastes.changeWord(reader, word, "strike");
  expect(await next(24)).not.toContain(ofThree(24)[0]);
  for (const word of ["quark3", "lepton3", "boson3"]) await tastes.changeWord(reader, word, "leave");
  expect(await next(25)).toEqual(ofThree(25));
  await tastes.changeWord(reader, "quark7", "pin");
  expect(await next(26)).toContain("On quark7 lepton7 boson7, day26 0");
  await marks.startAgain(reader);
  await next(27);
  const { rows } = await sql.query("SELECT edition FROM digests WHERE subscription_id = $1", [reader]);
  expect(rows.map(({ edition }) => edition)).not.toContain("2026-11-27");
});

it("never shows a paper again that the reader wants less of, in a topic either", async () => {
  const reader = await readerWhoMarked({ ...FOR_YOU, topics: [{ name: "Quarks", query: "quark5" }] });
  await publish(service.store, drafts("new"), day(23, "05:00:00"));
  await mark(reader, "less", "On quark3 lepton3 boson3, new 0");
  await mark(reader, "less", "On quark5 lepton5 boson5, new 0");
  await runUntilDone(service.worker, day(23));
  expect(await shown(reader)).toEqual([]);
  const topic = (await shown(reader, "topic")).map(({ title }) => title);
  expect(topic).not.toContain("On quark5 lepton5 boson5, new 0");
});

it("keeps weights of 4 KB at most, which outlive the process that made them", async () => {
  const reader = await readerWhoMarked();
  const long = Array.from({ length: 40 }, (_, n) => ({
    ...({ direction: "more", markedAt: "seeds", paperId: null, authors: ["Ada Lovelace"] } as const),
    title: `A list of words, ${n}`,
    abstract: Array.from({ length: 300 }, (_, k) => `particular${n}x${k}`).join(" "),
  }));
  await service.store.marks.add(reader, long, day(23));
  expect(await service.worker.library.tastes.refreshTaste(reader)).toBe(true);
  const { rows } = await sql.query<{ bytes: number; current: boolean }>(
    "SELECT octet_length(terms) + octet_length(weights) AS bytes, revision = made_revision AS current FROM tastes",
  );
  expect(rows[0]?.current).toBe(true);
  expect(rows[0]?.bytes).toBeGreaterThan(2_000);
  expect(rows[0]?.bytes).toBeLessThanOrEqual(4_096);
});

it("keeps a paper once, whichever way it was marked, and no more papers than one reader may mark", async () => {
  const reader = await readerWhoMarked();
  await mark(reader, "less", "On quark3 lepton3 boson3, old 0");
  const marks = await service.store.marks.list(reader);
  expect(marks.map(({ direction, title }) => [direction, title]).toSorted()).toEqual([
    ["less", "On quark3 lepton3 boson3, old 0"],
    ["more", "On quark3 lepton3 boson3, old 1"],
  ]);
  const many = Array.from({ length: 2_000 }, (_, n) => ({
    ...({ direction: "more", markedAt: "seeds", paperId: null, abstract: "", authors: [] } as const),
    title: `Text ${n}`,
  }));
  await expect(service.store.marks.add(reader, many, day(23))).rejects.toThrow(TooManyMarks);
  expect(await service.store.marks.list(reader)).toHaveLength(2);
});

it("goes out without the section, and says so, when it is not ready in time or cannot be made", async () => {
  const reader = await readerWhoMarked({ ...FOR_YOU, topics: [{ name: "Quarks", query: "quark5" }] });
  await publish(service.store, drafts("new"), day(23, "05:00:00"));
  const { store, library } = service.worker;
  const said: string[] = [];
  const parts = { store, warn: (message: string) => said.push(message) };
  const never = { forYou: () => new Promise<never>(() => {}), refreshTaste: async () => true };
  expect(await readyForYou({ ...parts, library: { tastes: never } }, 1)).toBeNull();
  const broken = { ...never, forYou: () => setImmediate().then(() => Promise.reject(new Error("no room"))) };
  expect(await readyForYou({ ...parts, library: { tastes: broken } })).toBeNull();
  expect(said).toEqual([
    'digests go out without "For you": it was not ready within 0.001 s',
    'digests go out without "For you": no room',
  ]);
  expect(await plan(store, library, day(23), { forYou: null })).toMatchObject({ planned: 1 });
  expect(await shown(reader)).toEqual([]);
  expect((await shown(reader, "topic")).length).toBeGreaterThan(0);
});

it("is asked for nothing while no reader wants it", async () => {
  const [reader = ""] = await addReaders(service.store, 1, day(22), GATE_ORDER);
  expect(reader).not.toBe("");
  const asked = { forYou: () => Promise.reject(new Error("asked")), refreshTaste: async () => true };
  const { store } = service.worker;
  const said: string[] = [];
  expect(
    await readyForYou({ store, library: { tastes: asked }, warn: (message) => said.push(message) }),
  ).toBeNull();
  expect(said).toEqual([]);
});
