import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRenderer, TemplateError } from "@paperboy/mail";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { readStructure } from "../src/template-structure.ts";

const TEMPLATES = fileURLToPath(new URL("../../../templates", import.meta.url));
const FILES = ["confirm.mjml", "digest.mjml", "partials/paper.mjml", "partials/style.mjml"];
const directories: string[] = [];
afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))));

const structureFault = (text: string) => readStructure(text).fault;
const read = (file: string) => readFile(join(TEMPLATES, file), "utf8");

async function start(file: string, text: string, cacheDir?: string): Promise<unknown> {
  const directory = await mkdtemp(join(tmpdir(), "paperboy-templates-"));
  directories.push(directory);
  await cp(TEMPLATES, directory, { recursive: true });
  await writeFile(join(directory, file), text);
  return createRenderer({ templatesDir: directory, ...(cacheDir && { cacheDir }) }).catch((error) => error);
}

/** Every tag in a template that closes something, by its place. */
const ends = (text: string) =>
  [...text.matchAll(/<\/[a-z0-9-]+>/g)].map(({ index, 0: tag }) => ({ index, tag }));

describe("a template", () => {
  it.each(FILES)("as we ship it has no fault: %s", async (file) => {
    expect(structureFault(await read(file))).toBeNull();
  });

  it.each(FILES)("with any end tag left out is refused: %s", async (file) => {
    const text = await read(file);
    // What stands in <mj-raw> and <mj-style> is not MJML.
    const places = ends(text).filter(
      ({ index }) => !/<mj-(?:raw|style)\b[^>]*>(?:(?!<\/mj-)[\s\S])*$/.test(text.slice(0, index)),
    );
    expect(places.length).toBeGreaterThan(0);
    for (const { index, tag } of places) {
      const fault = structureFault(text.slice(0, index) + text.slice(index + tag.length));
      expect(fault, `${tag} at ${index}`).not.toBeNull();
    }
  });

  it.each<[string, string, string, RegExp]>([
    [
      "an mj-column left open",
      "</mj-column>",
      "",
      /confirm\.mjml does not compile: line 9: <mj-column> is never closed/,
    ],
    [
      "a section closed in the column",
      "</mj-column>",
      "</mj-section></mj-column>",
      /line 9: <mj-column> is never closed/,
    ],
    [
      "an end that ends nothing",
      "</mj-column>",
      "</mj-column></mj-wrapper>",
      /line \d+: <\/mj-wrapper> closes nothing/,
    ],
    [
      "words where nothing is shown",
      "<mj-column>",
      "<mj-column>Dear reader,",
      /"Dear reader," is shown nowhere/,
    ],
    ["words behind the end", "</mjml>", "</mjml>Bye", /"Bye" is shown nowhere/],
    ["a second body", "</mj-body>", "</mj-body><mj-body></mj-body>", /a second <mj-body> is dropped/],
    ["a link left open", "</a>", "", /<a> is never closed/],
    ["a comment left open", "<mj-column>", "<mj-column><!-- to do", /never closed/],
    [
      "a partial that is not there",
      "style.mjml",
      "stile.mjml",
      /confirm\.mjml does not compile: line 5: there is no file \.\/partials\/stile\.mjml/,
    ],
    ["an attribute that is none", "<mj-column>", '<mj-column widht="50%">', /confirm\.mjml does not compile/],
    [
      "an element that is none",
      "<mj-column>",
      "<mj-kolumn></mj-kolumn><mj-column>",
      /confirm\.mjml does not compile/,
    ],
    [
      "an element in a wrong place",
      "<mj-column>",
      "<mj-text>x</mj-text><mj-column>",
      /confirm\.mjml does not compile/,
    ],
  ])("with %s is refused by file and line", async (_name, what, instead, says) => {
    const failure = await start("confirm.mjml", (await read("confirm.mjml")).replace(what, instead));
    expect(failure).toBeInstanceOf(TemplateError);
    expect((failure as Error).message).toMatch(says);
  });

  it("may branch within a text, and open in one <mj-raw> what another closes", () => {
    const text = (inside: string) =>
      `<mjml><mj-body><mj-section><mj-column>${inside}</mj-column></mj-section></mj-body></mjml>`;
    expect(
      structureFault(text("<mj-text>{{#if a}}<b>{{else}}<b class='x'>{{/if}}c</b><br>d<br/></mj-text>")),
    ).toBeNull();
    expect(
      structureFault(text("<mj-raw><table></mj-raw><mj-text>a</mj-text><mj-raw></table></mj-raw>")),
    ).toBeNull();
    expect(structureFault(text("<!-- a <mj-text> --><mj-text>a</mj-text>"))).toBeNull();
    expect(structureFault(text('<mj-text css-class="a>b">a</mj-text>'))).toBeNull();
  });

  it("that is well nested has no fault, whatever it nests", () => {
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("<mj-text>a</mj-text>", "<mj-divider />", "<mj-text><i>b</i></mj-text>", "\n"),
        fc
          .tuple(
            fc.constantFrom("mj-section", "mj-column", "mj-wrapper"),
            fc.array(tie("tree"), { maxLength: 3 }),
          )
          .map(([name, inside]) => `<${name} padding="0">${inside.join("")}</${name}>`),
      ),
    }));
    fc.assert(fc.property(tree, (text) => structureFault(text) === null));
  });
});
