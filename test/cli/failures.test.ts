import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../harness/database.ts";
import { freePort } from "../harness/free-port.ts";
import { makeDataDirectory, runCommand } from "../harness/paperboy.ts";
import { startSmtpSink } from "../harness/smtp-sink.ts";

let database: TestDatabase;
const directory = makeDataDirectory();
const role = `reader_${randomUUID().slice(0, 8)}`;
beforeAll(async () => {
  database = await createTestDatabase();
  // No password lets anybody in but the owner, and the owner may be trusted whatever they say.
  await onDatabase(`CREATE ROLE ${role} LOGIN PASSWORD 'right'`);
});
afterAll(async () => {
  await onDatabase(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await database.close();
  rmSync(directory, { recursive: true });
});

async function onDatabase(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

const env = (more: Record<string, string> = {}) => ({
  DATABASE_URL: database.url,
  PAPERBOY_DATA_DIR: directory,
  SECRET_KEYS: "test:0123456789abcdef0123456789abcdef",
  ...more,
});

/** The address of the database with some parts changed. */
function address(
  change: Partial<Record<"username" | "password" | "pathname" | "hostname" | "port", string>>,
): string {
  const url = new URL(database.url);
  for (const [part, value] of Object.entries(change)) url[part as "username"] = value;
  return url.href;
}

/** A command that failed says so in one line, and shows no stack. */
async function fault(args: readonly string[], more: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await runCommand(args, env(more));
  expect(code).toBeGreaterThan(0);
  expect(stdout).toBe("");
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).not.toMatch(/secret|wrong-one/);
  return stderr;
}

describe("a database that cannot be used", () => {
  it.each<[string, () => string, RegExp]>([
    [
      "a wrong password",
      () => address({ username: role, password: "wrong-one" }),
      /DATABASE_URL: .*password/,
    ],
    [
      "no such database",
      () => address({ pathname: "/nowhere" }),
      /DATABASE_URL: .*no such database.*nowhere/,
    ],
    [
      "the connection is refused",
      () => address({ hostname: "127.0.0.1", port: "1" }),
      /DATABASE_URL: 127\.0\.0\.1:1 refuses/,
    ],
    ["an unknown host", () => address({ hostname: "db.invalid" }), /DATABASE_URL: .*db\.invalid/],
    [
      "a password that splits the address",
      () => "postgresql://ada:secret#1@localhost/papers",
      /DATABASE_URL/,
    ],
    [
      "another protocol",
      () => "mysql://ada:secret@localhost/papers",
      /DATABASE_URL must look like postgresql/,
    ],
    ["no address", () => "papers", /DATABASE_URL must look like postgresql/],
  ])("is told in one sentence that names the setting: %s", async (_name, url, says) => {
    expect(await fault(["status"], { DATABASE_URL: url() })).toMatch(says);
  });

  it.each(["run", "migrate"])("is told by %s as well", async (command) => {
    const url = address({ hostname: "127.0.0.1", port: "1" });
    expect(await fault([command], { DATABASE_URL: url })).toMatch(/DATABASE_URL: 127\.0\.0\.1:1 refuses/);
  });

  it("is told when it takes no changes", async () => {
    await onDatabase(`ALTER ROLE ${role} SET default_transaction_read_only = on;
      GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
    const url = address({ username: role, password: "right" });
    const says = await fault(["subscribe", "ada@example.org", "--topic", "gate", "--confirmed"], {
      DATABASE_URL: url,
    });
    expect(says).toMatch(/DATABASE_URL: .*takes no changes/);
  });

  it("is told when a right is missing", async () => {
    await onDatabase(`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role}`);
    const url = address({ username: role, password: "right" });
    expect(await fault(["status"], { DATABASE_URL: url })).toMatch(
      /DATABASE_URL: .*right.*permission denied/,
    );
  });
});

describe("a Redis that cannot be used", () => {
  it("is told in one sentence by doctor", async () => {
    const port = await freePort();
    const { code, stdout } = await runCommand(
      ["doctor", "--json"],
      env({ REDIS_URL: `redis://127.0.0.1:${port}` }),
    );
    const { checks } = JSON.parse(stdout) as { checks: { name: string; detail: string }[] };
    expect(code).toBe(1);
    expect(checks.find(({ name }) => name === "queue")?.detail).toMatch(
      new RegExp(`^REDIS_URL: Redis at 127\\.0\\.0\\.1:${port} refuses connections; is it running\\?$`),
    );
  });
});

describe("a file that cannot be written", () => {
  it("is named with what is wrong", async () => {
    const command = (out: string) => ["export", "subscribers", "--out", out];
    writeFileSync(join(directory, "file"), "");
    mkdirSync(join(directory, "folder"), { recursive: true });
    await runCommand(["subscribe", "ada@example.org", "--topic", "gate", "--confirmed"], env());
    expect(await fault(command(join(directory, "none", "x")), {})).toMatch(/--out: .*none.*no such folder/);
    expect(await fault(command(join(directory, "file", "x")), {})).toMatch(/--out: .*file.*not a folder/);
    expect(await fault(command(join(directory, "folder")), {})).toMatch(/--out: .*is a folder/);
    expect(await fault(command("/dev/full"), {})).toMatch(/--out: .*disk is full/);
  });

  it("is named by preview as well", async () => {
    const missing = join(directory, "none", "x");
    expect(await fault(["preview", "gate", "--out", missing], {})).toMatch(/--out: .*none.*no such folder/);
    expect(await fault(["preview", "gate", "--out", "/dev/full"], {})).toMatch(/--out: .*disk is full/);
  });
});

describe("a DKIM key that cannot sign", () => {
  const pem = (type: "rsa" | "ec", bits = 2048) =>
    (type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: bits })
      : generateKeyPairSync("ec", { namedCurve: "P-256" })
    ).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const garbage = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----";
  const encrypted = () =>
    generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "x",
    }) as string;
  const dkim = (more: Record<string, string>) => ({
    DKIM_DOMAIN: "example.org",
    DKIM_SELECTOR: "s1",
    ...more,
  });

  it.each<[string, () => Record<string, string>, RegExp]>([
    ["no key at all", () => dkim({ DKIM_PRIVATE_KEY: "/etc/dkim.pem" }), /DKIM_PRIVATE_KEY .*PEM/],
    [
      "octets that are no key",
      () => dkim({ DKIM_PRIVATE_KEY: garbage }),
      /DKIM_PRIVATE_KEY: .*"s1".*not a readable/,
    ],
    [
      "a key behind a passphrase",
      () => dkim({ DKIM_PRIVATE_KEY: encrypted() }),
      /DKIM_PRIVATE_KEY: .*passphrase/,
    ],
    [
      "another kind of key",
      () => dkim({ DKIM_PRIVATE_KEY: pem("ec") }),
      /DKIM_PRIVATE_KEY: .*RSA or Ed25519/,
    ],
    [
      "a key that is too short",
      () => dkim({ DKIM_PRIVATE_KEY: pem("rsa", 512) }),
      /DKIM_PRIVATE_KEY: .*512 bits/,
    ],
    [
      "a selector that is no name",
      () => dkim({ DKIM_PRIVATE_KEY: pem("rsa"), DKIM_SELECTOR: "a b" }),
      /DKIM_SELECTOR: .*"a b"/,
    ],
    [
      "a domain that is no name",
      () => dkim({ DKIM_PRIVATE_KEY: pem("rsa"), DKIM_DOMAIN: "ex ample" }),
      /DKIM_DOMAIN: .*ex ample/,
    ],
    [
      "two keys of one name",
      () => dkim({ DKIM_PRIVATE_KEY: `${pem("rsa")}${pem("rsa")}`, DKIM_SELECTOR: "s1,s1" }),
      /DKIM_SELECTOR: two DKIM keys/,
    ],
    [
      "a bad second key",
      () =>
        dkim({
          DKIM_PRIVATE_KEY: pem("rsa"),
          DKIM_ED25519_SELECTOR: "s2",
          DKIM_ED25519_PRIVATE_KEY: garbage,
        }),
      /DKIM_ED25519_PRIVATE_KEY: .*"s2"/,
    ],
  ])("is blamed by doctor, and nothing else is: %s", async (_name, settings, says) => {
    const sink = await startSmtpSink();
    const given = { ...settings(), SMTP_URL: sink.url };
    const { stdout } = await runCommand(["doctor", "--json"], env(given));
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; detail: string }[] };
    const bad = checks.filter(({ ok }) => !ok);
    expect(bad.map(({ name }) => name)).toEqual(["settings"]);
    expect(bad[0]?.detail).toMatch(says);
    await sink.close();
  });

  it("is blamed by run as well", async () => {
    const given = dkim({ DKIM_PRIVATE_KEY: garbage, SMTP_URL: "smtp://127.0.0.1:1" });
    expect(await fault(["run"], given)).toMatch(/DKIM_PRIVATE_KEY: .*"s1".*not a readable/);
  });
});
