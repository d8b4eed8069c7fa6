import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRenderer, TemplateError } from "../src/index.ts";
import { digest, templatesDir, temporaryDirectory } from "./fixtures.ts";

describe("templates", () => {
  const copyWith = async (file: string, change: (source: string) => string) => {
    const directory = await temporaryDirectory();
    await cp(templatesDir, directory, { recursive: true });
    await writeFile(join(directory, file), change(await readFile(join(directory, file), "utf8")));
    return directory;
  };

  it.each([
    [
      "an unknown element, by file and line",
      (s: string) => s.replace("<mj-body", "<mj-bodi").replace("</mj-body", "</mj-bodi"),
      /digest\.mjml does not compile:\s+Line 7 /,
    ],
    [
      "an unknown placeholder",
      (s: string) => s.replace("{{count}}", "{{counts}}"),
      /digest\.mjml can not be filled.*counts/,
    ],
    ["a broken block", (s: string) => s.replace("{{/paper}}", ""), /digest\.mjml can not be filled/],
    [
      "a tag never closed",
      (s: string) => s.replace("{{count}}</mj-text>", "{{count}}"),
      /digest\.mjml loses|does not compile/,
    ],
    [
      "a mail without unsubscribe link",
      (s: string) => s.replaceAll("{{links.unsubscribe}}", "#"),
      /no place for the link: unsubscribe/,
    ],
  ])("refuse to start with %s", async (_name, change, message) => {
    const started = createRenderer({ templatesDir: await copyWith("digest.mjml", change) });
    await expect(started).rejects.toThrow(message);
    await expect(started).rejects.toBeInstanceOf(TemplateError);
  });

  it("names the partial at fault, and a directory that is not there", async () => {
    const broken = await copyWith("partials/paper.mjml", (source) =>
      source.replace("<mj-text", "<mj-text colour='x'"),
    );
    await expect(createRenderer({ templatesDir: broken })).rejects.toThrow(/paper\.mjml/);
    await expect(createRenderer({ templatesDir: "/nowhere" })).rejects.toThrow(/templates directory/);
  });

  it("are compiled again when they changed, and taken from the cache when not", async () => {
    const cacheDir = await temporaryDirectory();
    await createRenderer({ templatesDir, cacheDir });
    const [first] = await readdir(cacheDir);
    const cached = JSON.parse(await readFile(join(cacheDir, first ?? ""), "utf8")) as { digest: string };
    await writeFile(
      join(cacheDir, first ?? ""),
      JSON.stringify({ ...cached, digest: cached.digest.replaceAll("Paperboy", "From the cache") }),
    );
    expect((await createRenderer({ templatesDir, cacheDir })).digest(digest()).html).toContain(
      "From the cache",
    );
    const changed = await copyWith("digest.mjml", (source) => source.replaceAll("Paperboy", "Changed"));
    expect((await createRenderer({ templatesDir: changed, cacheDir })).digest(digest()).html).toContain(
      "Changed",
    );
  });
});
