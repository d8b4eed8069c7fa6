import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FileError, FormatError, openPapersFile, readPapers } from "../src/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "paperboy-files-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function text(path: string, options?: { maxUnpackedBytes: number }): Promise<string> {
  const chunks = [];
  for await (const chunk of openPapersFile(path, options)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("plain and gzipped files read the same, whatever their names", async () => {
  const content = "Title\nAbstract 😀\n".repeat(10_000);
  expect(await text(await put("plain.txt", content))).toBe(content);
  expect(await text(await put("packed.txt.gz", gzipSync(content)))).toBe(content);
  expect(await text(await put("packed.txt", gzipSync(content)))).toBe(content);
  expect(await text(await put("plain.gz", content))).toBe(content);
  expect(await text(await put("empty.txt", ""))).toBe("");
});

test("what can't be opened is named", async () => {
  await expect(text(join(folder, "none"))).rejects.toThrow(
    new FileError(`${join(folder, "none")}: no such file`),
  );
  await expect(text(folder)).rejects.toThrow(new FileError(`${folder}: is a directory`));
  await expect(text(join(await put("file", ""), "below"))).rejects.toThrow(/: no such file$/);
});

test("damaged gzip is called so after what could be read", async () => {
  const packed = gzipSync("Title\nAbstract\n".repeat(10_000));
  const cut = text(await put("cut.gz", packed.subarray(0, packed.length - 20)));
  await expect(cut).rejects.toThrow(new FormatError("the gzip data is cut short or damaged"));
});

test("a gzip bomb ends at the limit", async () => {
  const bomb = await put("bomb.gz", gzipSync(Buffer.alloc(20 * 2 ** 20)));
  await expect(text(bomb, { maxUnpackedBytes: 2 ** 20 })).rejects.toThrow(
    new FormatError("unpacks to more than 1 MB"),
  );
});

test("a reader that gives up early leaves nothing open", async () => {
  const path = await put("many.jsonl.gz", gzipSync('{"title": "T"}\n'.repeat(100_000)));
  for await (const { draft } of readPapers("jsonl", openPapersFile(path), { now: new Date() })) {
    expect(draft?.title).toBe("T");
    break;
  }
});
