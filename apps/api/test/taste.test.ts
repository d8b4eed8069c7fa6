import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { startService, type TestService } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

const NOW = new Date("2026-11-24T09:00:00Z");
const TITLE = "Gated recurrence, part 1";

let service: TestService;
let sql: pg.Pool;
let reader: string;
let token: string;
beforeAll(async () => {
  service = await startService();
  sql = new pg.Pool({ connectionString: service.databaseUrl });
  await publish(service.store, gatePapers(4), new Date("2026-11-23T05:00:00Z"));
});
afterAll(async () => {
  await sql.end();
  await service.close();
});
beforeEach(async () => {
  await sql.query("TRUNCATE subscribers CASCADE");
  [reader = ""] = await addReaders(service.store, 1, NOW, { ...GATE_ORDER, forYou: true });
  token = service.worker.pages.manageToken({ id: reader, manageRevision: 0 }, NOW);
  const { rows } = await sql.query("SELECT id FROM papers WHERE title = $1", [TITLE]);
  const paper = { direction: "more", markedAt: "page", paperId: rows[0]?.id, title: TITLE } as const;
  const text = {
    direction: "less",
    markedAt: "seeds",
    paperId: null,
    title: "<b>Dust</b> & spectra",
  } as const;
  const rest = { abstract: "Stellar dust.", authors: ["Ada Lovelace"] };
  await service.store.marks.add(
    reader,
    [
      { ...paper, ...rest },
      { ...text, ...rest },
    ],
    NOW,
  );
});

const page = async (path = "/manage") => (await fetch(`${service.url}${path}?token=${token}`)).text();
const post = (path: string, fields: Record<string, string>, as = token) =>
  fetch(`${service.url}${path}`, {
    method: "POST",
    body: new URLSearchParams({ token: as, ...fields }),
    redirect: "manual",
  });
const made = () => service.worker.library.tastes.refreshTaste(reader);

it("lists every mark with where and when it was made, and takes one away at a press", async () => {
  const before = await page();
  expect(before).toContain(`>${TITLE}</a>, on its page on 24 November 2026`);
  expect(before).toContain("&lt;b&gt;Dust&lt;/b&gt; &amp; spectra");
  const [newest] = await service.store.marks.list(reader);
  const answer = await post("/manage/marks/remove", { mark: String(newest?.id) });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, expect.stringContaining("#taste")]);
  expect(await service.store.marks.list(reader)).toHaveLength(1);
});

it("shows the strongest words and authors, and strikes out and pins them", async () => {
  await made();
  expect(await page()).toMatch(/Your strongest words[\s\S]*value="pin gate"/);
  await post("/manage/words", { word: "strike gate" });
  const struck = await page();
  expect(struck).not.toContain('value="pin gate"');
  expect(struck).toMatch(/Struck out[\s\S]*value="leave gate"/);
  await post("/manage/words", { word: "pin @author1 writer" });
  expect(await page()).toMatch(/Author1 Writer<\/span> <strong>pinned/);
  await post("/manage/words", { word: "leave gate" });
  expect(await page()).toContain('value="pin gate"');
});

it("starts again only when it is meant", async () => {
  expect((await post("/manage/taste/start-again", {})).status).toBe(400);
  expect(await service.store.marks.list(reader)).toHaveLength(2);
  await post("/manage/taste/start-again", { sure: "yes" });
  expect(await page()).toContain("You have not marked any paper yet");
  expect(await service.store.tastes.find(reader)).toBeNull();
});

it("refuses what is no mark, no word and no change, and another reader's token", async () => {
  for (const mark of ["", "x", "-1", "1.5", "99999999999"]) {
    expect((await post("/manage/marks/remove", { mark })).status).toBe(400);
  }
  for (const word of ["", "strike", "strike ", "love gate", `pin ${"x".repeat(81)}`, "pin a\nb"]) {
    expect((await post("/manage/words", { word })).status).toBe(400);
  }
  const [, other = ""] = await addReaders(service.store, 2, NOW);
  const theirs = service.worker.pages.manageToken({ id: other, manageRevision: 0 }, NOW);
  const [mark] = await service.store.marks.list(reader);
  await post("/manage/marks/remove", { mark: String(mark?.id) }, theirs);
  expect(await service.store.marks.list(reader)).toHaveLength(2);
});

it("keeps no more struck out and pinned words than a hundred", async () => {
  await sql.query("UPDATE tastes SET struck = array(SELECT 'word' || n FROM generate_series(1, 100) AS n)");
  expect((await post("/manage/words", { word: "pin gate" })).status).toBe(409);
  expect((await post("/manage/words", { word: "leave word7" })).status).toBe(303);
  expect((await post("/manage/words", { word: "pin gate" })).status).toBe(303);
});

it("gives all of it with what is kept about a reader", async () => {
  await made();
  await post("/manage/words", { word: "strike gate" });
  const { taste } = JSON.parse(await page("/manage/export"));
  expect(taste).toMatchObject({ struckOut: ["gate"], pinned: [] });
  expect(taste.words.length).toBeGreaterThan(3);
  expect(taste.marks).toMatchObject([
    { direction: "more", title: TITLE, markedAt: "page", at: expect.stringContaining("2026-11-24") },
    { direction: "less", title: "<b>Dust</b> & spectra", markedAt: "seeds", abstract: "Stellar dust." },
  ]);
});

it("is a choice of a subscription, over the page and the API", async () => {
  const url = `${service.url}/api/v1/subscriptions/${reader}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  expect(await (await fetch(url, { headers })).json()).toMatchObject({ forYou: true });
  const body = JSON.stringify({ forYou: false });
  expect((await fetch(url, { method: "PATCH", headers, body })).status).toBe(200);
  expect(await page()).not.toMatch(/name="forYou" value="on" checked/);
  await runUntilDone(service.worker, NOW);
});
