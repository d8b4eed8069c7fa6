import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { API_SETTINGS } from "@paperboy/api";
import { SETTINGS, unknownSettings } from "@paperboy/core";
import { runCommand } from "@paperboy/harness/paperboy";
import { WORKER_SETTINGS } from "@paperboy/worker";
import { describe, expect, it } from "vitest";
import { CLI_SETTINGS } from "../apps/cli/src/config.ts";

const OPERATE = fileURLToPath(new URL("../docs/operate.md", import.meta.url));

/** The names in the first column of the table of settings. */
function documented(): string[] {
  const rows = readFileSync(OPERATE, "utf8")
    .split("\n")
    .filter((line) => /^\| `[A-Z]/.test(line));
  return rows.flatMap((row) => row.split("|")[1]?.match(/[A-Z][A-Z0-9_]+/g) ?? []);
}

describe("the settings", () => {
  it("are those that some app reads", () => {
    const read = new Set([...API_SETTINGS, ...WORKER_SETTINGS, ...CLI_SETTINGS]);
    expect([...SETTINGS].sort()).toEqual([...read].sort());
  });

  it("are all documented, and nothing else is", () => {
    expect(documented().sort()).toEqual([...SETTINGS].sort());
  });
});

describe("a name that nobody reads", () => {
  it.each([
    ["SMTP_PACES", "SMTP_PACE"],
    ["SMTP_CONECTIONS", "SMTP_CONNECTIONS"],
    ["DKIM_PRIVATEKEY", "DKIM_PRIVATE_KEY"],
    ["BOUNCE_DOMIAN", "BOUNCE_DOMAIN"],
    ["BOUNCE_SMTP_PROT", "BOUNCE_SMTP_PORT"],
    ["RETAIN_DELIVERY_DAYS", "RETAIN_DELIVERIES_DAYS"],
    ["PAPERBOY_DATADIR", "PAPERBOY_DATA_DIR"],
    ["PAPERBOY_ALLOW_UNALLIGNED", "PAPERBOY_ALLOW_UNALIGNED"],
    ["SECRET_KEY", "SECRET_KEYS"],
    ["DATABASE_URI", "DATABASE_URL"],
    ["MAIL_FORM", "MAIL_FROM"],
    ["ADMIN_TOKENS", "ADMIN_TOKEN"],
    ["Public_Url", "PUBLIC_URL"],
  ])("%s is named with the nearest one", (name, nearest) => {
    expect(unknownSettings({ PATH: "/bin", [name]: "1" })).toEqual([{ name, nearest }]);
  });

  it("is named whatever it is, when it begins as ours do", () => {
    for (const prefix of ["PAPERBOY_", "SMTP_", "DKIM_", "BOUNCE_", "RETAIN_"]) {
      expect(unknownSettings({ [`${prefix}ZZZZZZZZZZZZZZZZ`]: "1" })).toHaveLength(1);
    }
  });

  it("and belongs to another program is left alone, and so is an empty one", () => {
    const others = [
      "PATH",
      "HOME",
      "HOSTNAME",
      "LANG",
      "NODE_OPTIONS",
      "PGHOST",
      "PORTS",
      "USER",
      "npm_config_cache",
    ];
    const env = Object.fromEntries(others.map((name) => [name, "x"]));
    expect(unknownSettings({ ...env, SMTP_PACES: "", RETAIN_ALL: undefined })).toEqual([]);
  });

  it("is not found among the settings themselves", () => {
    expect(unknownSettings(Object.fromEntries(SETTINGS.map((name) => [name, "1"])))).toEqual([]);
  });

  it("is warned of by a command, which then runs", async () => {
    const { code, stdout, stderr } = await runCommand(["dkim", "new", "example.org", "--json"], {
      SMTP_PACES: "1/s",
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty("settings");
    expect(stderr).toBe("paperboy: SMTP_PACES is not a setting and is ignored; did you mean SMTP_PACE?\n");
  });
});
