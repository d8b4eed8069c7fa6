import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { signLink, webhookToken } from "@paperboy/core";
import { freePort } from "@paperboy/harness/free-port";
import { makeDataDirectory, runCommand, startCommand } from "@paperboy/harness/paperboy";
import { complaint, keys, report, type SentMail, sendDigests } from "@paperboy/harness/returned-mail";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { startService, type TestService } from "@paperboy/harness/service";
import { createTransport } from "@paperboy/mail";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const EXECUTABLE = fileURLToPath(new URL("../../apps/cli/bin/paperboy.mjs", import.meta.url));

let service: TestService;
let mails: SentMail[];
const directory = makeDataDirectory();
beforeAll(async () => {
  const now = new Date(Date.now() - 3_600_000);
  service = await startService({}, now);
  mails = await sendDigests(service, 4, now);
});
afterAll(async () => {
  await service.close();
  rmSync(directory, { recursive: true });
});

const env = () => ({
  DATABASE_URL: service.databaseUrl,
  PAPERBOY_DATA_DIR: directory,
  PUBLIC_URL: "https://papers.example.org/digest",
  SECRET_KEYS,
});

async function json(...args: string[]) {
  const ended = await runCommand([...args, "--json"], env());
  return { code: ended.code, value: JSON.parse(ended.stdout) };
}

const plain = (subject: string, body = "Hello.") =>
  `From: a@example.com\r\nSubject: ${subject}\r\n\r\n${body}\r\n`;

/** A mailbox file, its lines quoted as mbox does it. */
const mailbox = (all: readonly string[]) =>
  all
    .map((mail) => `From a@example.com Tue Nov 24 09:00:00 2026\n${mail.replace(/^(>*From )/gm, ">$1")}\n`)
    .join("");

describe("bounces import", () => {
  it("reads folders with all that is in them, and adds up", async () => {
    const [hard, soft, abuse, leaver] = mails as [SentMail, SentMail, SentMail, SentMail];
    const folder = join(directory, "Maildir");
    const put = (name: string, content: string | Buffer) => {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), content);
    };
    put("new/1.eml", report(hard.returnPath, "5.1.1"));
    put("new/2.eml", report(hard.returnPath, "5.1.1"));
    put("cur/3:2,S", report(soft.returnPath, "5.2.2"));
    put("cur/4:2,S", complaint(abuse.returnPath));
    put("cur/.deep/cur/5", plain(`unsubscribe ${signLink("unsubscribe", leaver.subscriptionId, keys)}`));
    put("cur/6", plain("Automatic reply: papers"));
    put("cur/7", plain("lunch?"));
    put("cur/8", "");
    const counts = { read: 7, hard: 2, soft: 1, complaint: 1, unsubscribe: 1, ignored: 1, unrecognised: 1 };
    expect(await json("bounces", "import", folder)).toEqual({ code: 0, value: { ...counts, applied: 4 } });
    expect((await json("bounces", "import", folder)).value).toEqual({ ...counts, applied: 0 });
    expect(await service.store.subscriptions.counts()).toMatchObject({ active: 2, unsubscribed: 2 });
    expect(await service.store.suppressions.among([hard.email, abuse.email])).toHaveProperty("size", 2);
  });

  it("reads mailbox files, also from stdin, and of a huge mail what it says first", async () => {
    const bounce = report(mails[1]?.returnPath ?? "", "5.2.2").toString();
    const huge = `${bounce}\r\n${"x".repeat(76)}\r\n`.padEnd(3_000_000, `${"y".repeat(76)}\r\n`);
    const file = join(directory, "mailbox");
    writeFileSync(file, mailbox([bounce, plain("hi", "From here on\r\n>From there"), huge, plain("bye")]));
    const expected = {
      read: 4,
      hard: 0,
      soft: 2,
      complaint: 0,
      unsubscribe: 0,
      ignored: 0,
      unrecognised: 2,
      applied: 0,
    };
    expect((await json("bounces", "import", file)).value).toEqual(expected);
    const piped = await promisify(execFile)(
      "sh",
      ["-c", `"${process.execPath}" "${EXECUTABLE}" bounces import - --json < "${file}"`],
      {
        env: { PATH: process.env.PATH, ...env() },
      },
    );
    expect(JSON.parse(piped.stdout)).toEqual(expected);
  });

  it("says which file there is not", async () => {
    const ended = await runCommand(["bounces", "import", join(directory, "nothing")], env());
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain("nothing: no such file");
  });
});

describe("bounces webhook-url", () => {
  it("prints the addresses for the services, with the token that is good for nothing else", async () => {
    const base = `https://webhook:${webhookToken(keys)}@papers.example.org/digest/api/v1/admin/bounces`;
    expect(await json("bounces", "webhook-url")).toEqual({
      code: 0,
      value: { ses: `${base}/ses`, postmark: `${base}/postmark` },
    });
  });
});

describe("BOUNCE_SMTP_PORT", () => {
  it("makes the service take mails that come back, and no others", async () => {
    const settings = {
      ...env(),
      PORT: String(await freePort()),
      INBOX_SMTP_PORT: String(await freePort()),
      BOUNCE_SMTP_PORT: String(await freePort()),
    };
    const running = startCommand(["start"], settings);
    await running.says("is ready");
    const transport = createTransport({ smtpUrl: `smtp://127.0.0.1:${settings.BOUNCE_SMTP_PORT}` });
    const send = (to: string, raw: Buffer) =>
      transport.send({ raw, envelope: { from: "", to: [to] } }, { beforeDot: async () => {} });
    const { returnPath, email } = mails[1] as SentMail;
    expect(await send(returnPath, report("somebody@example.com", "5.1.1"))).toMatchObject({
      kind: "submitted",
    });
    expect(await send(email, report(returnPath, "5.1.1"))).toMatchObject({ kind: "refused", code: 550 });
    await transport.close();
    running.process.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(await service.store.suppressions.among([email])).toEqual(new Set([email]));
  });
});
