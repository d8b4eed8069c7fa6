import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { webhookToken } from "@paperboy/core";
import { runUntilDone, takeBounce } from "@paperboy/worker";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { gatePapers, publish } from "../harness/readers.ts";
import { BOUNCE_DOMAIN, keys, type SentMail, sendDigests, sentMails } from "../harness/returned-mail.ts";
import { ADMIN_TOKEN, startService, type TestService } from "../harness/service.ts";
import { basic, type Call, now, one, postmark, three, two } from "./webhook-calls.ts";

const DAY = 24 * 3_600_000;

const later = (days: number) => new Date(now.getTime() + days * DAY);

let service: TestService;

let mails: SentMail[];

beforeEach(async () => {
  service = await startService({}, now);
  mails = await sendDigests(service, 3, now);
});

afterEach(() => service.close());

const post = (provider: string, body: unknown, { authorization, type }: Call = {}) =>
  fetch(`${service.url}/api/v1/admin/bounces/${provider}`, {
    method: "POST",
    headers: {
      ...(authorization !== null && { authorization: authorization ?? basic(webhookToken(keys)) }),
      "content-type": type ?? "application/json",
    },
    body: JSON.stringify(body),
  });

const applied = async (provider: string, body: unknown) => {
  const response = await post(provider, body);
  return response.status === 200 ? ((await response.json()) as { applied: number }).applied : response.status;
};

const sesBounce = (email: string, mail: object = {}, bounceType = "Permanent") => ({
  notificationType: "Bounce",
  bounce: { bounceType, bounceSubType: "General", bouncedRecipients: [{ emailAddress: email }] },
  mail: { messageId: "0100-ses", timestamp: now.toISOString(), source: "digest@papers.example.org", ...mail },
});

const sns = (event: object) => ({ Type: "Notification", MessageId: "1", Message: JSON.stringify(event) });

const givenUp = async () => [...(await service.store.suppressions.among([one, two, three]))].sort();

describe("a notification", () => {
  it("acts by the return path or the Message-ID it names", async () => {
    const headers = [{ name: "Message-ID", value: `<${mails[0]?.id}@papers.example.org>` }];
    expect(await applied("ses", sesBounce("alias@example.com", { headers }))).toBe(1);
    expect(await applied("ses", sns(sesBounce("alias@example.com", { source: mails[1]?.returnPath })))).toBe(
      1,
    );
    expect(await givenUp()).toEqual([one, two]);
  });

  it("that names none acts by the reader's address, once, however often it comes", async () => {
    const calls = [
      ["postmark", postmark("HardBounce", "Reader0@Example.org")],
      ["ses", sns(sesBounce(two))],
    ] as const;
    for (const [provider, body] of calls) {
      expect(await applied(provider, body)).toBe(1);
      expect(await applied(provider, body)).toBe(0);
    }
    expect(await givenUp()).toEqual([one, two]);
    expect(await applied("postmark", { RecordType: "SpamComplaint", Email: three })).toBe(1);
    expect(await service.store.subscriptions.counts()).toMatchObject({ active: 2, unsubscribed: 1 });
  });

  it("of a confirmation acts as well", async () => {
    const address = { address: "new@example.net", key: "new@example.net" };
    await service.store.subscriptions.request(
      address,
      {
        topics: [],
        trending: true,
        cadence: "daily",
        weekday: 1,
        localMinute: 420,
        timezone: "UTC",
        maxPapers: 20,
      },
      now,
    );
    await service.mails();
    expect(await applied("postmark", postmark("HardBounce", address.key))).toBe(1);
    expect(await service.store.suppressions.among([address.key])).toEqual(new Set([address.key]));
  });

  it("is about the newest mail that went out before it, so that the same one later changes nothing", async () => {
    const soft = postmark("SoftBounce", one);
    expect(await applied("postmark", soft)).toBe(1);
    for (const day of [1, 2, 3]) {
      await publish(service.store, gatePapers(1, day), later(day - 0.5));
      service.setTime(later(day));
      await runUntilDone(service.worker, later(day));
      expect(await applied("postmark", soft)).toBe(0);
    }
    expect((await sentMails(service)).filter(({ email }) => email === one)).toHaveLength(4);
    expect(await applied("postmark", postmark("SoftBounce", one, later(3).toISOString()))).toBe(1);
    expect(await applied("postmark", { ...postmark("SoftBounce", one), BouncedAt: undefined })).toBe(0);
    expect(await givenUp()).toEqual([]);
  });

  it("says nothing of strangers, of mails that never went out, and of those that went out long ago", async () => {
    expect(await applied("postmark", postmark("HardBounce", "stranger@example.com"))).toBe(0);
    const quiet = { ...sesBounce(one), notificationType: "Delivery" };
    expect(await applied("ses", quiet)).toBe(0);
    const delay = {
      eventType: "DeliveryDelay",
      deliveryDelay: { delayedRecipients: [{ emailAddress: one }] },
      mail: {},
    };
    expect(await applied("ses", delay)).toBe(0);
    service.setTime(later(31));
    expect(await applied("postmark", postmark("HardBounce", one, later(31).toISOString()))).toBe(0);
    expect(await givenUp()).toEqual([]);
  });
});

describe("a mail, which anybody can send,", () => {
  it("is never believed for an address, even when it reads like a notification", async () => {
    const text = JSON.stringify(sesBounce(one));
    const forged = [
      `From: no-reply@sns.amazonaws.com\r\nX-Amz-Sns-Message-Id: 1\r\nSubject: AWS Notification Message\r\n\r\n${text}\r\n`,
      `From: MAILER-DAEMON@example.org\r\nReturn-Path: <>\r\nTo: digest@papers.example.org\r\nX-Failed-Recipients: ${one}\r\nSubject: Undelivered Mail\r\n\r\n<${one}>: 550 5.1.1 user unknown\r\n`,
    ];
    for (const raw of forged) {
      expect(await takeBounce(service.store, Buffer.from(raw), keys, now)).toEqual({
        kind: "hard",
        applied: false,
      });
    }
    expect(await givenUp()).toEqual([]);
  });
});

describe("what may come", () => {
  const text = { type: "text/plain; charset=UTF-8" };

  it("is text from Amazon, which says so of its JSON, and from nobody else", async () => {
    expect((await post("ses", sns(sesBounce(one)), text)).status).toBe(200);
    expect(await givenUp()).toEqual([one]);
    expect((await post("postmark", postmark("HardBounce", two), text)).status).toBe(415);
    expect((await post("ses", sesBounce(two), { type: "application/x-www-form-urlencoded" })).status).toBe(
      415,
    );
  });

  it("is a notification, of a service that is known", async () => {
    expect((await post("ses", { hello: 1 })).status).toBe(422);
    expect((await post("postmark", sesBounce(one))).status).toBe(422);
    expect((await post("other", {})).status).toBe(404);
  });

  it("is refused before it is parsed when it is nested beyond reason or too large, and inside the envelope as well", async () => {
    const nest = (levels: number) => `${'{"a":['.repeat(levels)}1${"]}".repeat(levels)}`;
    const raw = (body: string) =>
      fetch(`${service.url}/api/v1/admin/bounces/ses`, {
        method: "POST",
        headers: { authorization: basic(webhookToken(keys)), "content-type": "application/json" },
        body,
      });
    const refused = await raw(nest(100_000));
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("nested deeper than 32 levels");
    expect((await raw(`{"a":"${"x".repeat(1_100_000)}"}`)).status).toBe(413);
    const inside = { Type: "Notification", Message: nest(1_000) };
    expect((await post("ses", inside)).status).toBe(422);
  });

  it("never makes us fetch an address; the operator is told to open it", async () => {
    let fetched = 0;
    const canary = createServer((_req, res) => {
      fetched++;
      res.end();
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void canary.close());
    const ask = async (SubscribeURL: string) => {
      const body = {
        Type: "SubscriptionConfirmation",
        TopicArn: "arn:aws:sns:eu-west-1:1:x",
        Token: "1",
        SubscribeURL,
      };
      return (await (await post("ses", body, text)).json()) as { applied: number; notice: string };
    };
    const amazon = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1";
    expect(await ask(amazon)).toEqual({ applied: 0, notice: expect.stringContaining(amazon) });
    const { port } = canary.address() as AddressInfo;
    expect((await ask(`http://127.0.0.1:${port}/`)).notice).not.toContain(String(port));
    expect(fetched).toBe(0);
  });
});

it("without administration the token for it still works", async () => {
  await service.close();
  service = await startService({ ADMIN_TOKEN: "", BOUNCE_DOMAIN }, now);
  await sendDigests(service, 1, now);
  expect(
    (await post("postmark", postmark("HardBounce", one), { authorization: basic(ADMIN_TOKEN) })).status,
  ).toBe(401);
  expect(await applied("postmark", postmark("HardBounce", one))).toBe(1);
});
