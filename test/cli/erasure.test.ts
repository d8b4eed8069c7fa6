import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseSigningKeys } from "@paperboy/core";
import { openStore } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../harness/database.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { makeDataDirectory, type RunningCommand, runCommand, startCommand } from "../harness/paperboy.ts";

const READER = "Secret.Reader+x@Example.org";
const OTHER = "someone.else@example.org";
const ADMIN_TOKEN = "admin-token-of-the-erasure-test";
const SECRET_KEYS = "test:0123456789abcdef0123456789abcdef";
/** What must be found nowhere, in any case or encoding. */
const TELLTALE = /secret\.reader/i;

let database: TestDatabase;
let sql: pg.Pool;
const directory = makeDataDirectory();
beforeAll(async () => {
  database = await createTestDatabase();
  sql = new pg.Pool({ connectionString: database.url });
});
let service: RunningCommand | undefined;
afterAll(async () => {
  service?.process.kill("SIGKILL"); // alive only when a test has failed
  await service?.ended;
  await sql.end();
  await database.close();
  rmSync(directory, { recursive: true });
});

const inbox = join(directory, "inbox");
const mails = () => {
  const names = readdirSync(inbox).filter((name) => name.endsWith(".eml"));
  return names.sort().map((name) => readFileSync(join(inbox, name), "latin1"));
};
const unfolded = (raw: string) => raw.replace(/=\r?\n/g, "").replaceAll("=3D", "=");

const mailTo = (address: string) =>
  eventually(() => {
    const mail = mails().find((raw) => raw.toLowerCase().includes(`to: ${address.toLowerCase()}`));
    if (mail === undefined) throw new Error(`no mail came to ${address}`);
    return mail;
  });

/** A mail in the inbox as other programs write them. */
function drop(number: number, ...lines: string[]): void {
  writeFileSync(join(inbox, `20261124T090000000Z-000000${number}-00000000.eml`), lines.join("\r\n"));
}

function dropOthers(): void {
  const words = `Dear SECRET.READER+x@example.org, your page has moved.`;
  const base64 = Buffer.from(words)
    .toString("base64")
    .replace(/(.{20})/g, "$1\r\n");
  const head = ["From: a@example.net", `To: ${OTHER}`];
  drop(1, ...head, "Content-Type: text/plain", "Content-Transfer-Encoding: base64", "", base64);
  drop(
    2,
    ...head,
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "Dear sec=\r\nret=2Ereader+x=40exam=\r\nple.org,",
  );
  drop(3, "From: a@example.net", "To: SECRET.reader@EXAMPLE.ORG", "", "Hello");
  drop(
    4,
    "From: a@example.net",
    `Subject: =?utf-8?B?${Buffer.from(READER).toString("base64")}?=`,
    `To: ${OTHER}`,
    "",
    "Hello",
  );
  drop(5, ...head, "", "This is about nobody in particular.");
}

/** Every text of a file, as it stands and decoded. */
function texts(raw: string): string[] {
  const quoted = raw
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const base64 = (raw.match(/(?:[A-Za-z0-9+/]{8,}={0,2}\r?\n?)+/g) ?? []).map((each) =>
    Buffer.from(each, "base64").toString("latin1"),
  );
  return [raw, quoted, ...base64];
}

/** Tables that hold a row with the reader's name, in whatever column. */
async function tablesWith(pattern: string): Promise<string[]> {
  const { rows } = await sql.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  expect(rows.length).toBeGreaterThan(15);
  const found: string[] = [];
  for (const { name } of rows as { name: string }[]) {
    const { rowCount } = await sql.query(`SELECT FROM ${name} AS row WHERE row::text ~* $1 LIMIT 1`, [
      pattern,
    ]);
    if (rowCount) found.push(name);
  }
  return found;
}

function filesWith(pattern: RegExp): string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return paths.filter(
    (path) => texts(readFileSync(path, "latin1")).some((text) => pattern.test(text)) || pattern.test(path),
  );
}

it("leaves a reader's address in no table, no file and no line of the log, and the promise not to mail it", async () => {
  const [port, inboxPort] = [await freePort(), await freePort()];
  const env = {
    DATABASE_URL: database.url,
    PAPERBOY_DATA_DIR: directory,
    PORT: String(port),
    INBOX_SMTP_PORT: String(inboxPort),
    LOG_LEVEL: "trace",
    SECRET_KEYS,
    ADMIN_TOKEN,
  };
  service = startCommand(["start"], env);
  await service.says("is ready");
  const page = `http://127.0.0.1:${port}`;
  const admin = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
  const postJson = (path: string, body: object, headers: Record<string, string> = admin) =>
    fetch(page + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const tokenOf = async (email: string) => {
    const topics = [{ name: `For ${READER}`, query: "gates" }];
    await postJson("/api/v1/subscriptions", { email, topics }, {});
    const token = /confirm\?token=([\w.-]+)/.exec(unfolded(await mailTo(email)))?.[1] ?? "";
    const body = new URLSearchParams({ token });
    const answer = await fetch(`${page}/confirm`, {
      method: "POST",
      headers: { accept: "application/json" },
      body,
    });
    return (await answer.json()) as { manageToken: string };
  };
  const { manageToken: token } = await tokenOf(READER);
  await postJson("/api/v1/subscriptions", { email: OTHER, topics: [{ query: "gates" }] }, {});
  await mailTo(OTHER);

  const bounce = (Email: string, Description: string) =>
    postJson("/api/v1/admin/bounces/postmark", {
      RecordType: "Bounce",
      Type: "HardBounce",
      Email,
      Description,
      Details: Description,
    });
  expect(
    (await bounce(READER, `550 5.1.1 <${READER.toUpperCase()}> unknown, Secret.Reader is gone`)).status,
  ).toBe(200);
  expect((await bounce(OTHER, `550 5.1.1 forwarded to ${READER}: unknown`)).status).toBe(200);
  await postJson("/api/v1/admin/suppressions", {
    email: "third@example.org",
    detail: `asked for by ${READER}`,
  });
  const id = (await sql.query("SELECT id FROM subscriptions WHERE status = 'active'")).rows[0]?.id;
  await sql.query(
    `INSERT INTO marks (subscription_id, direction, key, marked_at, title, words) VALUES ($1, 'more', 't1', 'seeds', $2, $3)`,
    [id, `Letters of ${READER}`, JSON.stringify({ [READER]: READER })],
  );
  await sql.query("INSERT INTO tastes (subscription_id, struck, terms) VALUES ($1, ARRAY[$2], $2)", [
    id,
    READER,
  ]);
  dropOthers();
  await fetch(`${page}/manage?token=${token}&email=${encodeURIComponent(READER)}`);
  expect(await tablesWith("secret\\.reader")).not.toEqual([]);
  expect(filesWith(TELLTALE)).not.toEqual([]);

  const body = new URLSearchParams({ token, sure: "yes" });
  expect((await fetch(`${page}/manage/erase`, { method: "POST", body })).status).toBe(200);
  service.process.kill("SIGTERM");
  const { stdout, stderr } = await service.ended;
  expect(await tablesWith("secret\\.reader|\\\\x[0-9a-f]*7365637265742e726561646572")).toEqual([]);
  expect(filesWith(TELLTALE)).toEqual([]);
  expect(mails().filter((raw) => raw.includes("nobody in particular"))).toHaveLength(1);
  expect(mails().some((raw) => raw.includes(`To: ${OTHER}`))).toBe(true);
  expect(`${stdout}${stderr}`).not.toMatch(TELLTALE);
  const store = openStore({
    arxivPolicy: ARXIV_POLICY,
    url: database.url,
    keys: parseSigningKeys(SECRET_KEYS),
  });
  const promised = await store.suppressions.among(["secret.reader@example.org", OTHER]);
  await store.close();
  expect([...promised].sort()).toEqual(["secret.reader@example.org", OTHER]);
});

it("by command erases the mails of the inbox as well", async () => {
  const env = { DATABASE_URL: database.url, PAPERBOY_DATA_DIR: directory, SECRET_KEYS };
  const email = "secret.reader.two@example.org";
  const ordered = await runCommand(["subscribe", email, "--trending", "--json"], env);
  expect(ordered.code).toBe(0);
  expect(filesWith(TELLTALE)).toHaveLength(1);
  expect((await runCommand(["reader", "erase", email.toUpperCase(), "--json"], env)).code).toBe(0);
  expect(filesWith(TELLTALE)).toEqual([]);
  expect(await tablesWith("secret\\.reader")).toEqual([]);
});
