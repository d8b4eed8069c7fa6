import { join } from "node:path";
import { runCommand } from "@paperboy/harness/paperboy";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { describe, expect, it } from "vitest";
import { directory, line, openImports, rows, take, test, write } from "./import-files.ts";

openImports();

describe("a file of another kind", () => {
  it.each<[string, readonly unknown[], RegExp]>([
    [
      "CSV",
      ["email,status,topics", ...Array.from({ length: 5_000 }, (_, n) => `r${n}@example.org,active,gate`)],
      /a table \(CSV\)/,
    ],
    ["CSV with semicolons", ["email;status", "a@example.org;active"], /a table/],
    ["an array", [`[${JSON.stringify(line("a@example.org"))}]`], /a JSON array/],
    ["an array over lines", ["[", `  ${JSON.stringify(line("a@example.org"))},`, "]"], /a JSON array/],
    ["one object over lines", [JSON.stringify(line("a@example.org"), null, 2)], /several lines/],
    ["addresses", ["a@example.org", "b@example.org"], /text/],
    ["a spreadsheet", ["PK\u0003\u0004rest"], /spreadsheet/],
    ["nothing", [""], /is empty/],
  ])("is named in one sentence and not read: %s", async (_name, lines, says) => {
    const failure = await take(...lines).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: "UsageError", message: expect.stringMatching(says) });
    expect((failure as Error).message).not.toMatch(/\n/);
    expect(await rows("subscribers")).toBe(0);
  });

  it("is told by the command in one line, and so is one that is not there", async () => {
    const env = {
      DATABASE_URL: test.database.url,
      PAPERBOY_DATA_DIR: directory,
      SECRET_KEYS,
    };
    for (const file of [
      write(["email,topics", "a@example.org,gate"], "readers.csv"),
      join(directory, "none"),
      directory,
    ]) {
      const { code, stdout, stderr } = await runCommand(["import", "subscribers", file], env);
      expect({ code, stdout }).toEqual({ code: expect.any(Number), stdout: "" });
      expect(code).toBeGreaterThan(0);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).toContain(file);
    }
  });

  it("begins with a mark of its encoding, and is read", async () => {
    expect(await take(`\uFEFF${JSON.stringify(line("a@example.org"))}`)).toMatchObject({
      imported: 1,
      refused: 0,
    });
  });
});
