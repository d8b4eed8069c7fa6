import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { startService, type TestService } from "@paperboy/harness/service";
import { runUntilDone } from "@paperboy/worker";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const NOW = new Date("2026-11-24T09:00:00Z");

let service: TestService;
let sql: pg.Pool;
let reader: string;
let mail: { readonly text: string | null; readonly html: string | null };
beforeAll(async () => {
  service = await startService();
  sql = new pg.Pool({ connectionString: service.databaseUrl });
  await publish(service.store, gatePapers(4), new Date("2026-11-23T05:00:00Z"));
  await publish(
    service.store,
    [{ externalId: "x", title: "Elsewhere", abstract: "Not of any digest.", authors: [] }],
    new Date("2026-11-23T05:00:00Z"),
  );
});
afterAll(async () => {
  await sql.end();
  await service.close();
});
beforeEach(async () => {
  await sql.query("TRUNCATE subscribers CASCADE");
  service.setTime(NOW);
  [reader = ""] = await addReaders(service.store, 1, new Date("2026-11-24T06:00:00Z"), GATE_ORDER);
  await runUntilDone(service.worker, NOW);
  mail = (await service.mails()).at(-1) ?? { text: null, html: null };
});

/** The links of a mail to mark its papers, as the service under test answers them. */
const linksOf = (say: "more" | "less", text = mail.text ?? "") =>
  [...text.matchAll(/http:\/\/papers\.test(\/mark\?token=[\w.-]+&paper=\d+&say=\w+)/g)]
    .map(([, path]) => `${service.url}${path}`)
    .filter((link) => link.endsWith(say));

const press = (link: string, path = "/mark", more: Record<string, string> = {}) =>
  fetch(`${service.url}${path}`, {
    method: "POST",
    body: new URLSearchParams({ ...Object.fromEntries(new URL(link).searchParams), ...more }),
  });

const marks = async () =>
  (await service.store.marks.list(reader)).map(({ direction, markedAt, title }) => [
    direction,
    markedAt,
    title,
  ]);

describe("the links of each paper of a digest", () => {
  it("stand in both parts, once for each paper", () => {
    const html = (mail.html ?? "").replaceAll("&amp;", "&");
    expect(linksOf("more")).toHaveLength(4);
    expect(new Set(linksOf("more")).size).toBe(4);
    expect(linksOf("more", html)).toEqual(linksOf("more"));
    expect(linksOf("less", html)).toEqual(linksOf("less"));
  });
  it("show the paper with one button, and change nothing however often they are followed", async () => {
    const links = [...linksOf("more"), ...linksOf("less")];
    for (let round = 0; round < 50; round++) {
      const answers = await Promise.all(
        links
          .flatMap((link) => [fetch(link), fetch(link, { method: "HEAD" })])
          .map(async (answer) => {
            const { status } = await answer;
            await (await answer).text();
            return status;
          }),
      );
      expect(new Set(answers)).toEqual(new Set([200]));
    }
    expect(await marks()).toEqual([]);
    expect(await service.store.tastes.find(reader)).toBeNull();
    const shown = await (await fetch(linksOf("less")[0] ?? "")).text();
    expect(shown).toContain("Gated recurrence, part");
    expect(shown.match(/<button/g)).toHaveLength(1);
  });
  it("are nowhere in the view that can be passed on, nor is why a paper was chosen", async () => {
    await sql.query(
      `UPDATE digests SET sections = jsonb_set(jsonb_set(sections::jsonb, '{0,kind}', '"forYou"'), '{0,papers,0,reason}', '"like Secret"')`,
    );
    const view = /http:\/\/papers\.test(\/digests\/[\w.-]+)/.exec(mail.text ?? "")?.[1];
    const page = await (await fetch(`${service.url}${view}`)).text();
    expect(page).toContain("Gated recurrence, part");
    expect(page).not.toContain("/mark");
    expect(page).not.toContain("Secret");
  });
});

describe("a press", () => {
  it("keeps the mark, says what it changes, and can be undone", async () => {
    const [link = ""] = linksOf("more");
    const answer = await press(link);
    expect([answer.status, await answer.text()]).toEqual([
      200,
      expect.stringContaining("From the next digest on"),
    ]);
    expect(await marks()).toEqual([["more", "digest", expect.stringContaining("Gated recurrence")]]);
    await press(link);
    expect(await marks()).toHaveLength(1);
    expect((await press(link, "/mark/undo")).status).toBe(200);
    expect(await marks()).toEqual([]);
  });
  it("offers to bring papers like it, to who does not get them yet", async () => {
    const [link = ""] = linksOf("more");
    expect(await (await press(link)).text()).toContain("Bring them, too");
    await press(link, "/mark/for-you");
    expect((await service.store.subscriptions.find(reader))?.order).toMatchObject({
      forYou: true,
      trending: false,
    });
    expect(await (await press(link)).text()).not.toContain("Bring them, too");
  });
  it("for less offers the words of the paper, and strikes them out", async () => {
    const [link = ""] = linksOf("less");
    const page = await (await press(link)).text();
    expect(page).toContain("does not come again");
    const word = /name="strike" value="(\w+)"/.exec(page)?.[1] ?? "";
    expect(await (await press(link, "/mark/word", { strike: word })).text()).toContain("is struck out");
    expect(await service.store.tastes.find(reader)).toMatchObject({ struck: [word] });
    expect((await press(link, "/mark/word", { strike: "unheard" })).status).toBe(400);
  });
});

describe("refused are", () => {
  const changed = (link: string, name: string, value: string) => {
    const url = new URL(link);
    url.searchParams.set(name, value);
    return url.href;
  };
  it("papers that the digest does not hold, other words than more and less, and tokens of another kind", async () => {
    const [link = ""] = linksOf("more");
    const { rows } = await sql.query("SELECT id FROM papers WHERE title = 'Elsewhere'");
    const manage = service.worker.pages.manageToken({ id: reader, manageRevision: 0 }, NOW);
    const wrong = [
      changed(link, "paper", String(rows[0]?.id)),
      changed(link, "paper", "1e0"),
      changed(link, "paper", ""),
      changed(link, "say", "most"),
      changed(link, "token", manage),
      changed(link, "token", "x"),
    ];
    for (const each of wrong) {
      expect((await fetch(each)).status).toBe(400);
      expect((await press(each)).status).toBe(400);
    }
    expect(await marks()).toEqual([]);
  });
  it("links that are three months old, that their reader ended, and those of a digest that is not kept", async () => {
    const [link = ""] = linksOf("more");
    service.setTime(new Date("2027-03-01T09:00:00Z"));
    expect((await press(link)).status).toBe(410);
    service.setTime(NOW);
    await sql.query("UPDATE subscriptions SET manage_revision = 1");
    expect((await press(link)).status).toBe(410);
    await sql.query("DELETE FROM digests");
    expect((await press(link)).status).toBe(404);
  });
  it("more marks than one may have", async () => {
    const many = Array.from({ length: 2_000 }, (_, n) => ({
      ...({ direction: "more", markedAt: "seeds", paperId: null, abstract: "", authors: [] } as const),
      title: `Text ${n}`,
    }));
    await service.store.marks.add(reader, many, NOW);
    const answer = await press(linksOf("more")[0] ?? "");
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining("2000 papers")]);
  });
});
