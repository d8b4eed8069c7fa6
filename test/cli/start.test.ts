import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase } from "@paperboy/harness/database";
import { eventually } from "@paperboy/harness/eventually";
import { freePort } from "@paperboy/harness/free-port";
import { runCommand, startCommand } from "@paperboy/harness/paperboy";
import { redisSuite, startRedis } from "@paperboy/harness/redis";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { afterAll, describe, expect, it } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "paperboy-start-"));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

const settings = async (name: string) => ({
  PAPERBOY_DATA_DIR: join(directory, name),
  PORT: String(await freePort()),
  INBOX_SMTP_PORT: String(await freePort()),
});

describe("npm start", () => {
  it("runs everything, is joined by commands, refuses a second one and drains on SIGTERM", async () => {
    const env = await settings("first");
    const service = startCommand(["start"], env);
    await service.says("is ready");
    const page = `http://127.0.0.1:${env.PORT}`;
    expect((await fetch(`${page}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${page}/api/v1/papers/search?q=attention`)).json()).toMatchObject({
      total: expect.any(Number),
    });
    const status = JSON.parse((await runCommand(["status", "--json"], env)).stdout);
    expect(status.papers).toBeGreaterThan(50);
    const second = await runCommand(["start"], { ...env, PORT: String(await freePort()) });
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/PAPERBOY_DATA_DIR: a service already runs/),
    });
    service.process.kill("SIGTERM");
    expect(await service.ended).toMatchObject({ code: 0, stderr: "" });
    await expect(fetch(`${page}/healthz`)).rejects.toThrow();
  });

  it.each(["PORT", "INBOX_SMTP_PORT"])(
    "names %s when it is taken, and leaves nothing behind",
    async (setting) => {
      const holder = createServer().listen(0, "127.0.0.1");
      await once(holder, "listening");
      const address = holder.address();
      const taken = String(typeof address === "object" ? address?.port : 0);
      const ended = await runCommand(["start"], { ...(await settings("taken")), [setting]: taken });
      expect(ended).toMatchObject({ code: 1, stdout: "" });
      expect(ended.stderr).toMatch(new RegExp(`^paperboy: ${setting}: ${taken} is in use.*\n$`));
      holder.close();
    },
  );

  it("says what Postgres says when it does not come up", async () => {
    const env = await settings("first");
    const version = join(env.PAPERBOY_DATA_DIR, "postgres/data/PG_VERSION");
    if (!existsSync(version)) await runCommand(["status"], env); // this test runs alone
    writeFileSync(version, "9\n");
    const { code, stderr } = await runCommand(["start"], env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^paperboy: PAPERBOY_DATA_DIR: Postgres did not come up in .* version 9.*\n$/);
  });

  it("names a data directory that cannot be one", async () => {
    const env = { ...(await settings("x")), PAPERBOY_DATA_DIR: "/dev/null" };
    expect(await runCommand(["start"], env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^paperboy: PAPERBOY_DATA_DIR: \/dev\/null cannot be written.*\n$/),
    });
  });
});

redisSuite("a Redis that went down", () => {
  it("is what /readyz says, in one sentence, until it is back", async () => {
    const [redis, database] = await Promise.all([startRedis(), createTestDatabase()]);
    const env = {
      ...(await settings("redis")),
      REDIS_URL: redis.url,
      DATABASE_URL: database.url,
      SECRET_KEYS,
    };
    const service = startCommand(["start"], env);
    await service.says("is ready");
    const ready = async () => {
      const answer = await fetch(`http://127.0.0.1:${env.PORT}/readyz`);
      return { status: answer.status, body: (await answer.json()) as { detail?: string } };
    };
    await redis.kill();
    const { host, port } = new URL(redis.url);
    await eventually(async () => {
      const { status, body } = await ready();
      expect(status).toBe(503);
      expect(body.detail).toBe(
        `The service is not ready: the queue did not answer: REDIS_URL: Redis at ${host} refuses connections; is it running?`,
      );
    });
    const back = await startRedis({ port: Number(port) });
    await eventually(async () => expect((await ready()).status).toBe(200));
    service.process.kill("SIGTERM");
    expect(await service.ended).toMatchObject({ code: 0 });
    await back.stop();
    await database.close();
  });
});
