import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publish } from "../../../test/harness/readers.ts";
import { startService, type TestService } from "../../../test/harness/service.ts";

const NOW = new Date("2026-11-24T09:00:00Z");

let service: TestService;
beforeAll(async () => {
  service = await startService({}, NOW);
  const papers = Array.from({ length: 50 }, (_, n) => ({
    externalId: `${n}`,
    title: n === 49 ? "GateLoop: a loop of gates that never stood" : `Gate number ${n}`,
    abstract: "It opens.",
    authors: [n % 2 === 0 ? "Ada Hinton" : "Bo Hintermann", "Jo Li"],
    categories: [n % 5 === 0 ? "cs.CL" : "q-bio.NC"],
    ...(n % 10 === 0 && { codeUrl: "https://example.org/code" }),
  }));
  await publish(service.store, papers, new Date("2026-11-24T05:00:00Z"));
  await publish(
    service.store,
    [{ externalId: "prefix", title: "Gateways to other places", abstract: "", authors: [] }],
    new Date("2026-11-24T06:00:00Z"),
  );
  await service.worker.library.refresh();
});
afterAll(() => service.close());

const get = async (path: string) => {
  const answer = await fetch(`${service.url}${path}`, { headers: { accept: "text/html" } });
  const html = (await answer.text()).replaceAll("&#x3D;", "=").replaceAll("&amp;", "&");
  return { status: answer.status, html };
};
const search = (query: string) => get(`/search?q=${encodeURIComponent(query)}`);
const linked = (query: string) => `/search?q=${encodeURIComponent(query)}"`;
const titles = (html: string) =>
  [...html.matchAll(/<h2><a href="[^"]*">(.*?)<\/a>/g)].map(([, title = ""]) =>
    title.replace(/<[^>]*>/g, ""),
  );

describe("the search page", () => {
  it("links each filter to the query it makes, with how many papers it leaves", async () => {
    const { html } = await search("gate");
    expect(html).toContain(
      `<a class="chip" href="${linked("gate category:cs.cl")}>cs.CL <span>10</span></a>`,
    );
    expect(html).toContain(`<a class="chip" href="${linked("gate has:code")}>has code <span>5</span></a>`);
    expect(html).toContain(`href="${linked("gate source:test")}>test`);
    expect(html).toContain(`href="${linked("gate after:2026-11-17")}>past week`);
    expect((await search("gate category:cs.cl")).html).toContain("<strong>10 papers</strong>");
  });

  it("shows the filters a query has, each with a link to the query without it", async () => {
    const { html } = await search("(gate OR loop) category:cs.CL has:code");
    expect(html).toContain(`<a class="chip chip-on" href="${linked("(gate OR loop) has:code")}`);
    expect(html).toContain(`<a class="chip chip-on" href="${linked("(gate OR loop) category:cs.cl")}`);
    expect(html).toContain("category cs.CL");
    expect((await search("category:cs.CL")).html).toContain('chip-on" href="/search"');
  });

  it("offers the word with a star when that finds more, and not when it does not", async () => {
    expect((await search("gate")).html).toMatch(/<a href="[^"]*q=gate\*">gate\*<\/a> finds 51\./);
    for (const query of ["gateloop", "gate*", "gate number", '"gate"', "no"]) {
      expect((await search(query)).html, query).not.toContain("finds ");
    }
  });

  it("leads to the same papers by mail, as a feed and over the API, where dates of a search are no topic", async () => {
    const { html } = await search("gate after:2026-11-01");
    expect(html).toContain('href="/?topic=gate"');
    expect(html).toContain(`/feeds/search.xml?q=${encodeURIComponent("gate after:2026-11-01")}`);
    const call = html.match(/curl '(.*?)'/)?.[1] ?? "";
    const path = call.replace(/^https?:\/\/[^/]+/, "");
    const answer = await fetch(`${service.url}${path}`);
    expect(await answer.json()).toMatchObject({ total: 50 });
  });

  it("shows the newest papers when nothing is asked for, page by page", async () => {
    const first = await get("/search");
    expect(titles(first.html)).toHaveLength(20);
    expect(titles(first.html)[0]).toBe("Gateways to other places");
    const all = titles(first.html);
    for (let { html } = first; ; ) {
      const next = html
        .match(/rel="next" href="([^"]*)"/)?.[1]
        ?.replaceAll("&amp;", "&")
        .replaceAll("&#x3D;", "=");
      if (next === undefined) break;
      ({ html } = await get(next));
      all.push(...titles(html));
    }
    expect(all).toHaveLength(51);
    expect(new Set(all).size).toBe(51);
  });

  it("marks the column of what cannot be read, and shows what the text finds as it stands", async () => {
    const { status, html } = await search("gate upvotes>=many");
    expect(status).toBe(400);
    expect(html).toContain(`gate upvotes&gt;=many\n${" ".repeat(14)}^</pre>`);
    const title = await search("GateLoop: a loop of gates that never stood (");
    expect(title.status).toBe(400);
    expect(titles(title.html)).toEqual(["GateLoop: a loop of gates that never stood"]);
  });

  it("suggests authors and categories for the word that is typed", async () => {
    const suggest = async (word: string) =>
      (await fetch(`${service.url}/search/suggestions?word=${encodeURIComponent(word)}`)).json();
    expect(await suggest("hin")).toMatchObject({
      authors: [
        { name: "Ada Hinton", count: 25 },
        { name: "Bo Hintermann", count: 25 },
      ],
      categories: [],
    });
    expect(await suggest("cs.")).toMatchObject({ categories: [{ name: "cs.CL", count: 10 }] });
    expect(await suggest("Q-BIO")).toMatchObject({ categories: [{ name: "q-bio.NC", count: 40 }] });
    for (const word of ["", "h", "*", '"', "a b", "(", "x".repeat(5_000), "<script>"]) {
      expect(await suggest(word), word.slice(0, 20)).toEqual({ authors: [], categories: [] });
    }
  });
});
