import { publish } from "@paperboy/harness/readers";
import { startService, type TestService } from "@paperboy/harness/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const EVIL = `Gates </script><script>alert(1)</script> & "forgetting" mechanisms`;

let service: TestService;
beforeAll(async () => {
  service = await startService();
  const of = (externalId: string, title: string) => ({
    externalId,
    title,
    abstract: "It gates </script>.",
    authors: ["Ada Lovelace", "Bo <b>Li</b>"],
    arxivId: `2601.0000${externalId}`,
    categories: ["cs.CL"],
    publishedAt: new Date("2026-01-05T10:00:00Z"),
  });
  const drafts = [of("1", EVIL), of("2", "Forgetting mechanisms elsewhere"), of("3", "Nothing alike")];
  await publish(service.store, drafts, new Date("2026-11-24T05:00:00Z"));
});
afterAll(() => service.close());

const get = (path: string) => fetch(`${service.url}${path}`, { redirect: "manual" });
const html = async (path: string) => (await (await get(path)).text()).replaceAll("&#x3D;", "=");

describe("a paper's page", () => {
  it("tells reference managers and link previews what it is, and nothing of it becomes a script", async () => {
    const page = await html("/papers/1");
    expect(page).toContain('<meta name="citation_author" content="Ada Lovelace">');
    expect(page).toContain('<meta name="citation_publication_date" content="2026/01/05">');
    expect(page).toContain('<meta name="citation_arxiv_id" content="2601.00001">');
    expect(page).toContain('<meta property="og:type" content="article">');
    expect(page).toContain('<link rel="canonical" href="http://papers.test/papers/1">');
    const [, ld = ""] = page.match(/<script type="application\/ld\+json">(.*?)<\/script>/) ?? [];
    expect(JSON.parse(ld)).toMatchObject({ "@type": "ScholarlyArticle", headline: EVIL });
    expect(page.match(/<script/g)).toHaveLength(2);
  });

  it.each([
    ["bib", "application/x-bibtex", "@misc{lovelace2026gates,"],
    ["ris", "application/x-research-info-systems", "TY  - UNPB"],
    ["json", "application/vnd.citationstyles.csl+json", '"type": "article"'],
  ])("gives its citation as %s", async (end, type, start) => {
    expect(await html("/papers/1")).toContain(`href="/papers/1/cite.${end}"`);
    const answer = await get(`/papers/1/cite.${end}`);
    expect(answer.headers.get("content-type")).toContain(type);
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="paper-1.${end}"`);
    expect(await answer.text()).toContain(start);
    expect((await get(`/papers/99/cite.${end}`)).status).toBe(404);
  });

  it("lets a reader follow its first author, and leads to papers with similar titles", async () => {
    const page = await html("/papers/1");
    expect(page).toContain(`href="/?topic=${encodeURIComponent('author:"Ada Lovelace"')}"`);
    const related = page.slice(page.indexOf("similar titles"));
    expect(related).toContain('href="/papers/2"');
    expect(related).not.toContain('href="/papers/3"');
    expect(related).not.toContain('href="/papers/1"');
  });

  it.each(["/papers/01", "/papers/0x1", "/papers/1.0"])(
    "has one address: %s leads there or nowhere",
    async (path) => {
      const answer = await get(path);
      if (answer.status !== 404) expect(answer.headers.get("location")).toBe("/papers/1");
    },
  );
});
