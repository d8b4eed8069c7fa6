import { generateKeyPairSync } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { makeDataDirectory, runCommand } from "@paperboy/harness/paperboy";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { type SmtpSink, startSmtpSink } from "@paperboy/harness/smtp-sink";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let database: TestDatabase;
let sink: SmtpSink;
const directory = makeDataDirectory();
beforeAll(async () => {
  database = await createTestDatabase();
  sink = await startSmtpSink();
});
afterAll(async () => {
  await sink.close();
  await database.close();
  rmSync(directory, { recursive: true });
});

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const DKIM = {
  DKIM_DOMAIN: "example.org",
  DKIM_SELECTOR: "test",
  DKIM_PRIVATE_KEY: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
};
const env = (more: Record<string, string> = {}) => ({
  DATABASE_URL: database.url,
  PAPERBOY_DATA_DIR: directory,
  SECRET_KEYS,
  SMTP_URL: sink.url,
  ...more,
});
/** A relay that does not look like this machine, and is nowhere. */
const ELSEWHERE = {
  SMTP_URL: "smtp://user:secret@relay.invalid",
  PUBLIC_URL: "http://papers.invalid",
  MAIL_FROM: "papers@papers.invalid",
};

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly level: string;
  readonly detail: string;
}

async function doctor(more: Record<string, string>, ...args: string[]) {
  const ended = await runCommand(["doctor", "--json", ...args], env(more));
  const { ok, checks } = JSON.parse(ended.stdout) as { ok: boolean; checks: Check[] };
  return { ...ended, ok, checks, named: (name: string) => checks.find((each) => each.name === name) };
}

describe("doctor, with a relay on this machine", () => {
  it("asks nobody outside, and sends nothing", async () => {
    const { code, ok, checks } = await doctor({});
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(checks.map(({ name }) => name)).toEqual(["settings", "database", "queue", "sending", "relay"]);
    for (const check of checks)
      expect(check).toEqual({ name: check.name, ok: true, level: "ok", detail: expect.any(String) });
    expect(sink.accepted).toEqual([]);
  });

  it("looks at everything else when the database cannot be reached", async () => {
    const { code, checks, named } = await doctor({ DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none" });
    expect(code).toBe(1);
    expect(checks.map(({ name }) => name)).toEqual(["settings", "database", "relay"]);
    expect(named("database")).toMatchObject({ ok: false, detail: expect.stringMatching(/DATABASE_URL/) });
    expect([named("settings")?.ok, named("relay")?.ok]).toEqual([true, true]);
  });

  it("sends one mail with --send-to, as digests are sent", async () => {
    const { code, named } = await doctor(
      { ...DKIM, MAIL_FROM: "p@example.org" },
      "--send-to",
      "ada@example.net",
    );
    expect(code).toBe(0);
    expect(named("test mail")).toMatchObject({
      level: "ok",
      detail: expect.stringMatching(/ada@example\.net \(250 .*Authentication-Results/),
    });
    const [mail, ...more] = sink.accepted.splice(0);
    expect(more).toEqual([]);
    expect(mail?.to).toBe("ada@example.net");
    expect(mail?.raw).toMatch(/^DKIM-Signature: v=1; .* d=example\.org; s=test;/m);
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(mail?.raw).not.toMatch(/^List-/m);
  });

  it("says that the relay refused it, and fails", async () => {
    sink.script = {
      onRecipient: () => Promise.reject(Object.assign(new Error("5.1.1 nobody here"), { responseCode: 550 })),
    };
    const { stdout, code } = await runCommand(["doctor", "--send-to", "no@example.net"], env());
    sink.script = {};
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL {2}test mail .*RCPT TO: 550 5\.1\.1 nobody here/m);
  });

  it("takes an address only", async () => {
    const { code, stderr, stdout } = await runCommand(["doctor", "--send-to", "ada"], env());
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/--send-to: 'ada' is not an address: the @ is missing/);
    expect(sink.accepted).toEqual([]);
  });
});

describe("doctor, with a relay on another machine", () => {
  it("names each fault with what to do, and asks DNS without falling over it", async () => {
    const { code, checks, named, stdout } = await doctor(ELSEWHERE);
    expect(code).toBe(1);
    expect(checks.map(({ name }) => name)).toEqual([
      ...["settings", "database", "queue", "sending", "relay", "tls", "https", "alignment", "dkim"],
      ...["ptr", "spf", "dmarc", "mx"],
    ]);
    expect(named("relay")).toMatchObject({ ok: false, detail: expect.stringContaining("SMTP_URL") });
    expect(named("tls")).toMatchObject({ ok: true, level: "warning" });
    expect(named("https")).toMatchObject({ ok: false, detail: expect.stringContaining("PUBLIC_URL") });
    expect(named("dkim")).toMatchObject({ ok: false, detail: expect.stringContaining("DKIM_PRIVATE_KEY") });
    expect(stdout).not.toContain("secret");
  });

  it("leaves DNS alone when told to, and still looks at the settings", async () => {
    const { checks } = await doctor({ ...ELSEWHERE, DOCTOR_SKIP_DNS: "1" });
    expect(checks.map(({ name }) => name).slice(5)).toEqual(["tls", "https", "alignment", "dkim"]);
  });

  it("shows settings that cannot be read beside everything else", async () => {
    const { code, named } = await doctor(
      { ...ELSEWHERE, DKIM_DOMAIN: "example.org" },
      "--send-to",
      "a@example.net",
    );
    expect(code).toBe(1);
    expect(named("settings")).toMatchObject({ ok: false, detail: expect.stringContaining("DKIM_SELECTOR") });
    expect(named("database")).toMatchObject({ ok: true });
    expect(named("test mail")).toBeUndefined();
  });
});

describe("a relay on another machine, plain http and no signature", () => {
  it.each([[["run"]], [["deliver"]], [["subscribe", "ada@example.org", "--trending"]]])(
    "%j sends nothing and names the setting",
    async (args) => {
      const { code, stdout, stderr } = await runCommand(args, env(ELSEWHERE));
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^paperboy: PUBLIC_URL is http:.*PAPERBOY_ALLOW_HTTP=1.*\n$/);
    },
  );

  it("start does not begin at all", async () => {
    const dataDir = join(directory, "never");
    const settings = {
      ...ELSEWHERE,
      PAPERBOY_DATA_DIR: dataDir,
      SECRET_KEYS,
    };
    const { code, stdout, stderr } = await runCommand(["start"], settings);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^paperboy: PUBLIC_URL is http:.*\n$/);
    expect(existsSync(join(dataDir, "postgres"))).toBe(false);
  });

  it.each([[["status"]], [["subscribe", "bob@example.org", "--trending", "--confirmed"]]])(
    "%j sends nothing, and works",
    async (args) => {
      expect((await runCommand(args, env(ELSEWHERE))).code).toBe(0);
    },
  );

  it("goes out when both are allowed", async () => {
    // 0.0.0.0 leads to this machine and is none of its names, so it counts as another one.
    const SMTP_URL = sink.url.replace("127.0.0.1", "0.0.0.0");
    const both = { PAPERBOY_ALLOW_HTTP: "1", PAPERBOY_ALLOW_UNSIGNED: "1" };
    const args = ["subscribe", "carl@example.org", "--trending"];
    const refused = await runCommand(args, env({ ...ELSEWHERE, SMTP_URL, PAPERBOY_ALLOW_HTTP: "1" }));
    expect(refused.stderr).toMatch(/^paperboy: DKIM_DOMAIN, .*PAPERBOY_ALLOW_UNSIGNED=1/);
    expect(sink.accepted).toEqual([]);
    expect((await runCommand(args, env({ ...ELSEWHERE, SMTP_URL, ...both }))).code).toBe(0);
    expect(sink.accepted.map(({ to }) => to)).toEqual(["carl@example.org"]);
  });
});
