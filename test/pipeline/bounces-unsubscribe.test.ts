import { signLink } from "@paperboy/core";
import { createTransport, listenForBounces } from "@paperboy/mail";
import { takeBounce } from "@paperboy/worker";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { GATE_ORDER } from "../harness/readers.ts";
import { BOUNCE_DOMAIN, keys, report, type SentMail, sendDigests } from "../harness/returned-mail.ts";
import { startService, type TestService } from "../harness/service.ts";

const now = new Date("2026-11-24T09:00:00Z");
const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

let service: TestService;
let mails: SentMail[];

async function open(env: Readonly<Record<string, string>>) {
  service = await startService(env, now);
  mails = await sendDigests(service, 2, now);
}

/** Where, and with which subject, the first reader's digest says to unsubscribe by mail. */
async function wayOut() {
  const [digest] = (await service.mails()).filter(({ to }) => to === mails[0]?.email);
  const header = /^List-Unsubscribe:((?:.*\r\n(?=[ \t]))*.*)/im.exec(digest?.raw.toString() ?? "")?.[1] ?? "";
  const url = new URL(/<(mailto:[^>]+)>/.exec(header.replace(/\s+/g, ""))?.[1] ?? "");
  return { address: url.pathname, subject: url.searchParams.get("subject") ?? "" };
}

const mail = (subject: string, ...headers: string[]) =>
  Buffer.from(
    ["From: Somebody <else@example.com>", `Subject: ${subject}`, ...headers, "", "Bye.", ""].join("\r\n"),
  );
const take = async (raw: Buffer, at = now) => {
  const { kind, applied } = await takeBounce(service.store, raw, keys, at);
  return { kind, applied };
};
const status = async (sent: SentMail | undefined) =>
  (await service.store.subscriptions.find(sent?.subscriptionId ?? ""))?.status;

describe("without a bounce domain", () => {
  beforeEach(() => open({}));
  afterEach(() => service.close());

  it("a digest names the sender's own address, and what comes there works when it is imported", async () => {
    const { address, subject } = await wayOut();
    expect(address).toBe("digest@papers.example.org");
    expect(await take(mail(subject))).toEqual({ kind: "unsubscribe", applied: true });
    expect([await status(mails[0]), await status(mails[1])]).toEqual(["unsubscribed", "active"]);
    expect(await take(mail(`Re: ${subject}`))).toEqual({ kind: "unsubscribe", applied: false });
    expect(await service.store.suppressions.list(10)).toEqual([]);
  });

  it("an automatic reply or a report with that subject unsubscribes nobody", async () => {
    const { subject } = await wayOut();
    const replies = [
      mail(`Re: ${subject}`, "Auto-Submitted: auto-replied"),
      mail(`Automatic reply: ${subject}`),
      mail(`Re: 1 paper on gates`),
      Buffer.from(
        report("someone@example.com", "5.1.1")
          .toString()
          .replace(/^Subject: .*$/m, `Subject: ${subject}`),
      ),
    ];
    for (const raw of replies) expect((await take(raw)).applied).toBe(false);
    expect(await status(mails[0])).toBe("active");
  });

  it("a forged token, or one for something else, changes nothing", async () => {
    const id = mails[0]?.subscriptionId ?? "";
    const others = [{ id: "test", secret: "another-secret-0123456789" }];
    const tokens = [
      signLink("unsubscribe", id, others),
      signLink("manage", id, keys),
      signLink("unsubscribe", "00000000-0000-4000-8000-000000000000", keys),
    ];
    for (const token of tokens) {
      expect(await take(mail(`unsubscribe ${token}`))).toEqual({ kind: "unsubscribe", applied: false });
    }
    expect(await status(mails[0])).toBe("active");
  });

  it("an old mail read again does not undo what the reader confirmed since", async () => {
    const { subject } = await wayOut();
    const received = (at: Date) => `Received: from a by b; ${at.toUTCString()}`;
    const old = mail(subject, received(later(1)));
    expect(await take(old, later(2))).toMatchObject({ applied: true });
    const address = mails[0]?.email ?? "";
    const { requestId } = await service.store.subscriptions.request(
      { address, key: address },
      GATE_ORDER,
      later(3),
    );
    await service.store.subscriptions.confirm(requestId, later(4));
    expect(await take(old, later(5))).toMatchObject({ applied: false });
    expect(await status(mails[0])).toBe("active");
    expect(await take(mail(subject, received(later(6))), later(6))).toMatchObject({ applied: true });
    expect(await status(mails[0])).toBe("unsubscribed");
  });
});

describe("with a bounce domain", () => {
  beforeEach(() => open({ BOUNCE_DOMAIN }));
  afterEach(() => service.close());

  it("a digest names an address that the listener takes, and a mail there unsubscribes, whoever sends it", async () => {
    const { address, subject } = await wayOut();
    expect(address).toBe(`unsubscribe@${BOUNCE_DOMAIN}`);
    const listener = await listenForBounces(
      { port: 0, host: "127.0.0.1" },
      async (raw) => void (await take(raw)),
    );
    const transport = createTransport({
      smtpUrl: `smtp://127.0.0.1:${listener.port}`,
      name: "mx.example.net",
    });
    onTestFinished(async () => {
      await transport.close();
      await listener.close();
    });
    const send = () =>
      transport.send(
        { raw: mail(subject), envelope: { from: "else@example.com", to: [address] } },
        { beforeDot: async () => {} },
      );
    expect(await send()).toMatchObject({ kind: "submitted" });
    expect([await status(mails[0]), await status(mails[1])]).toEqual(["unsubscribed", "active"]);
    expect(await send()).toMatchObject({ kind: "submitted" });
    service.setTime(later(24));
    expect(await service.mails()).toHaveLength(2);
  });
});
