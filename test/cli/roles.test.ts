import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase } from "@paperboy/harness/database";
import { eventually } from "@paperboy/harness/eventually";
import { freePort } from "@paperboy/harness/free-port";
import { type RunningCommand, runCommand, startCommand } from "@paperboy/harness/paperboy";
import { startSmtpSink } from "@paperboy/harness/smtp-sink";
import pg from "pg";
import { afterAll, afterEach, describe, expect, it } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "paperboy-roles-"));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

const running: RunningCommand[] = [];
afterEach(async () => {
  for (const { process, ended } of running.splice(0)) {
    process.kill("SIGTERM");
    await ended;
  }
});

async function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  const command = startCommand(["start", ...args], env);
  running.push(command);
  await command.says("is ready");
  return command;
}

const SECRET_KEYS = "test:0123456789abcdef0123456789abcdef";
const METRICS_TOKEN = "metrics-token-of-the-tests";

describe("API and workers apart, on one data directory", () => {
  it("serve one database: the API asks and answers, two workers send, and each says how it does", async () => {
    const [database, relay] = await Promise.all([createTestDatabase(), startSmtpSink()]);
    const env = {
      PAPERBOY_DATA_DIR: directory,
      SECRET_KEYS,
      DATABASE_URL: database.url,
      SMTP_URL: relay.url,
      METRICS_TOKEN,
      LOG_LEVEL: "warn",
    };
    const ports = { api: await freePort(), worker: await freePort() };
    const page = `http://127.0.0.1:${ports.api}`;
    await start(["--api"], { ...env, PORT: String(ports.api) });
    await fetch(`${page}/api/v1/subscriptions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "ada@example.org", topics: [{ query: "mamba" }] }),
    }).then(({ status }) => expect(status).toBe(202));
    expect(relay.accepted).toEqual([]);
    // PORT is taken already, and a worker listens on nothing but its own port.
    await start(["--worker"], { ...env, PORT: String(ports.api), WORKER_PORT: String(ports.worker) });
    await start([], { ...env, PORT: String(ports.api), PAPERBOY_ROLE: "worker" });
    await eventually(async () => expect(relay.accepted.map(({ to }) => to)).toEqual(["ada@example.org"]));
    const worker = `http://127.0.0.1:${ports.worker}`;
    expect((await fetch(`${worker}/healthz`)).status).toBe(200);
    expect((await fetch(`${worker}/readyz`)).status).toBe(200);
    expect((await fetch(`${worker}/`)).status).toBe(404);
    expect((await fetch(`${worker}/metrics`)).status).toBe(401);
    const figures = await fetch(`${worker}/metrics`, {
      headers: { authorization: `Bearer ${METRICS_TOKEN}` },
    });
    expect(await figures.text()).toMatch(/^paperboy_build_info\{/m);
    for (const { process, ended } of running.splice(0)) {
      process.kill("SIGTERM");
      expect(await ended).toMatchObject({ code: 0, stderr: "" });
    }
    await relay.close();
    await database.close();
  });

  it("names what is wrong with a role, and a worker's port that is taken", async () => {
    const both = await runCommand(["start", "--api", "--worker"], {});
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be used with") });
    const role = await runCommand(["start"], { PAPERBOY_ROLE: "sender" });
    expect(role.stderr).toBe("paperboy: PAPERBOY_ROLE must be all, api or worker\n");
  });

  it("refuse a worker that has nowhere to send to", async () => {
    const database = await createTestDatabase();
    const ended = await runCommand(["start", "--worker"], { DATABASE_URL: database.url, SECRET_KEYS });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^paperboy: SMTP_URL is not set/) });
    await database.close();
  });
});

describe("the schema of a database of one's own", () => {
  const onDatabase = async (url: string, sql: string, params: readonly unknown[] = []) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(sql, [...params]);
    await client.end();
    return rows;
  };
  const newest = "SELECT migration_name AS name FROM _prisma_migrations ORDER BY 1 DESC LIMIT 1";

  it("is changed by `migrate` and by nothing else", async () => {
    const database = await createTestDatabase();
    const env = { DATABASE_URL: database.url, SECRET_KEYS };
    const [{ name }] = (await onDatabase(database.url, newest)) as [{ name: string }];
    await onDatabase(database.url, "DELETE FROM _prisma_migrations WHERE migration_name = $1", [name]);
    for (const args of [["status"], ["search", "mamba"], ["start", "--api"], ["start", "--worker"]]) {
      const { code, stderr } = await runCommand(args, { ...env, SMTP_URL: "smtp://127.0.0.1:9" });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^paperboy: DATABASE_URL: the database is older than this Paperboy: .*paperboy migrate/,
      );
    }
    const health = JSON.parse((await runCommand(["doctor", "--json"], env)).stdout);
    expect(health.checks).toContainEqual(
      expect.objectContaining({ name: "database", ok: false, detail: expect.stringContaining(name) }),
    );
    expect(await onDatabase(database.url, newest)).not.toEqual([{ name }]);
    await database.close();
  });

  it("is left alone when a newer version made it", async () => {
    const database = await createTestDatabase();
    const env = { DATABASE_URL: database.url, SECRET_KEYS };
    await onDatabase(
      database.url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
       VALUES ('later', 'x', '29990101000000_later', now())`,
    );
    for (const args of [["status"], ["migrate"]]) {
      const { code, stderr } = await runCommand(args, env);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^paperboy: DATABASE_URL: the database is newer .* 29990101000000_later; run the version/,
      );
    }
    await database.close();
  });

  it("is made in an empty database by the first command", async () => {
    const database = await createTestDatabase();
    await onDatabase(database.url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    const status = await runCommand(["status", "--json"], { DATABASE_URL: database.url, SECRET_KEYS });
    expect(JSON.parse(status.stdout)).toMatchObject({ papers: 0 });
    await database.close();
  });
});
