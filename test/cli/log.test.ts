import { rmSync } from "node:fs";
import { parseSigningKeys, webhookToken } from "@paperboy/core";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { freePort } from "@paperboy/harness/free-port";
import { makeDataDirectory, startCommand } from "@paperboy/harness/paperboy";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { type SmtpSink, startSmtpSink } from "@paperboy/harness/smtp-sink";
import { afterAll, beforeAll, expect, it } from "vitest";

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

it("holds no reader's address and no token, whatever is logged", async () => {
  const port = await freePort();
  const env = {
    DATABASE_URL: database.url,
    SMTP_URL: sink.url,
    PAPERBOY_DATA_DIR: directory,
    PORT: String(port),
    LOG_LEVEL: "trace",
    SECRET_KEYS,
  };
  const service = startCommand(["start"], env);
  await service.says("is ready");
  const page = `http://127.0.0.1:${port}`;
  const mailed = new Promise<string>((resolve) => {
    sink.script = { onAccepted: () => resolve(sink.accepted.at(-1)?.raw ?? "") };
  });
  await fetch(`${page}/api/v1/subscriptions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "secret.reader@example.org", topics: [{ query: "gates" }] }),
  });
  const raw = (await mailed).replace(/=\r\n/g, "").replaceAll("=3D", "=");
  const token = /confirm\?token=([\w.-]+)/.exec(raw)?.[1] ?? "none";
  await fetch(`${page}/confirm?token=${token}`);
  await fetch(`${page}/unsubscribe?token=${token}`, { method: "POST" });
  await fetch(`${page}/digests/${token}`);
  service.process.kill("SIGTERM");
  const { code, stdout, stderr } = await service.ended;
  expect(code).toBe(0);
  expect(stderr).toContain('"path":"/confirm"');
  expect(`${stdout}${stderr}`).not.toContain("secret.reader");
  expect(`${stdout}${stderr}`).not.toContain(token.split(".")[3]);
});

it("names the whole link that an operator has to open before Amazon tells of bounces", async () => {
  const port = await freePort();
  const secret = SECRET_KEYS;
  const env = {
    DATABASE_URL: database.url,
    SMTP_URL: sink.url,
    PAPERBOY_DATA_DIR: directory,
    PORT: String(port),
    SECRET_KEYS: secret,
  };
  const service = startCommand(["start"], env);
  await service.says("is ready");
  const link =
    "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:1:x&Token=2336412f37";
  const password = webhookToken(parseSigningKeys(secret));
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/admin/bounces/ses`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`webhook:${password}`).toString("base64")}`,
      "content-type": "text/plain; charset=UTF-8",
    },
    body: JSON.stringify({ Type: "SubscriptionConfirmation", Token: "2336412f37", SubscribeURL: link }),
  });
  expect(answer.status).toBe(200);
  service.process.kill("SIGTERM");
  const { code, stderr } = await service.ended;
  expect(code).toBe(0);
  expect(stderr).toContain(link);
});
