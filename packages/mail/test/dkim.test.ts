import { generateKeyPairSync } from "node:crypto";
import type { Socket } from "node:net";
import fc from "fast-check";
import { dkimVerify } from "mailauth";
import { describe, expect, it } from "vitest";
import { onTheWire, relaxBody, splitMessage } from "../src/dkim/canonicalise.ts";
import { createSigner, type DkimSettings, dkimRecord, generateDkimKeys } from "../src/dkim.ts";
import { buildMessage, type MessageInput, parseSender } from "../src/index.ts";
import { openTransport, scriptedServer, smtpServer } from "./smtp-stub.ts";

const NOW = new Date("2026-11-24T07:00:00Z");
const keys = generateDkimKeys("paperboy.example", NOW);
const [rsa, ed] = keys;
const now = () => Promise.resolve();

type Body = { readonly subject?: string; readonly text?: string; readonly html?: string };

const message = ({ subject = "Gates", text = "Hello.\n", html = "<p>Hello.</p>\n" }: Body = {}) =>
  buildMessage(input({ mail: { subject, preheader: "", text, html } }));

const input = (fields: Partial<MessageInput> = {}): MessageInput => ({
  deliveryId: "d1",
  domain: "paperboy.example",
  from: { name: "Paperboy", address: "papers@paperboy.example" },
  to: "ada@example.org",
  date: NOW,
  mail: { subject: "Gates", preheader: "", text: "Hello.\n", html: "<p>Hello.</p>\n" },
  list: {
    id: "digest.paperboy.example",
    unsubscribeUrl: `https://paperboy.example/unsubscribe?token=${"t".repeat(180)}`,
    unsubscribeMailto: "mailto:leave@paperboy.example?subject=t",
  },
  ...fields,
});

/** What an independent verifier says of each signature, with only the records of `settings` in its DNS. */
async function verdicts(raw: string | Buffer, settings: readonly DkimSettings[] = keys) {
  const zone = new Map(settings.map(dkimRecord).map(({ name, value }) => [name, value]));
  const { results } = await dkimVerify(Buffer.from(raw as string, "latin1"), {
    resolver: async (name) => {
      const value = zone.get(name);
      if (value === undefined) throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
      return [value.match(/.{1,255}/g) ?? []];
    },
  });
  return results.map((each) => {
    const { selector, algo, status } = each as typeof each & { readonly algo: string };
    return [selector, algo, status.result];
  });
}

const BOTH_PASS = [
  [rsa.selector, "rsa-sha256", "pass"],
  [ed.selector, "ed25519-sha256", "pass"],
];

/** The message of these octets as it goes over the wire, signed. */
function signed(raw: string, settings: readonly DkimSettings[] = keys): string {
  const wire = onTheWire(Buffer.from(raw, "latin1"));
  const { fields, body } = splitMessage(wire);
  const signatures = createSigner(settings, () => NOW)(fields, [relaxBody(body)]);
  return [...signatures, wire.toString("latin1")].join("\r\n");
}

/** Header lines by lower-case name, unfolded. */
const headersOf = (raw: string) =>
  (raw.split("\r\n\r\n")[0] ?? "").split(/\r\n(?![ \t])/).map((field) => field.replace(/\r\n/g, ""));

describe("mail that went through a relay verifies, under RSA and Ed25519", () => {
  it.each<readonly [string, Body]>([
    ["plain", {}],
    [
      "a unicode subject and body",
      { subject: "Überblick 長い 🗞", text: "長い\n🗞\n", html: "<p>Größe 長</p>" },
    ],
    ["long lines", { text: "word ".repeat(3000), html: `<p>${"x".repeat(5000)}</p>` }],
    ["a subject without a space", { subject: "長".repeat(300) }],
    ["an ASCII subject without a space", { subject: "x ".repeat(400) }],
    ["dots at line starts", { text: ".\n..\n.hidden\n\n.\n", html: ".\n..<p>x</p>\n." }],
    ["an empty body", { text: "", html: "" }],
    ["trailing blank lines", { text: "end\n\n\n  \n\t\n\n", html: "<p>end</p>\n \n\n\n" }],
    ["line ends of every kind", { text: "a\rb\nc\r\nd\n\re\r", html: "<p>\r</p>\n\r\n" }],
    ["blanks inside lines", { text: "a  \t b \nc\t\n   d", html: "<p>  a\t\tb  </p>  " }],
  ])("%s", async (_name, body) => {
    const server = await smtpServer();
    const outcome = await openTransport(server.url, { dkim: keys }).send(message(body), { beforeDot: now });
    expect(outcome.kind).toBe("submitted");
    expect(await verdicts(server.received[0]?.raw ?? "")).toEqual(BOTH_PASS);
  });

  it("a message without a body part at all", async () => {
    const server = await smtpServer();
    const { text: _text, html: _html, ...bare } = message();
    await openTransport(server.url, { dkim: keys }).send(bare, { beforeDot: now });
    expect(await verdicts(server.received[0]?.raw ?? "")).toEqual(BOTH_PASS);
  });

  it("one key gives one signature; an old and a new key of a kind stand beside each other", async () => {
    const next = generateDkimKeys("paperboy.example", new Date("2026-12-01T00:00:00Z"));
    for (const dkim of [rsa, ed, [...keys, ...next]]) {
      const server = await smtpServer();
      await openTransport(server.url, { dkim }).send(message(), { beforeDot: now });
      const settings = [dkim].flat();
      expect(await verdicts(server.received[0]?.raw ?? "", settings)).toEqual(
        settings.map(({ selector }) => [selector, expect.any(String), "pass"]),
      );
    }
  });

  it("no key gives no signature", async () => {
    const server = await smtpServer();
    await openTransport(server.url, { dkim: [] }).send(message(), { beforeDot: now });
    expect(server.received[0]?.raw).not.toContain("DKIM-Signature");
  });
});

describe("a signature", () => {
  const LIST =
    /^(From|To|Subject|Date|List-Unsubscribe|List-Unsubscribe-Post|List-Id|Message-ID|Feedback-ID):/i;

  it("covers every header that matters, and From, To, Subject and Date once more", async () => {
    const server = await smtpServer();
    await openTransport(server.url, { dkim: rsa }).send(message(), { beforeDot: now });
    const header = headersOf(server.received[0]?.raw ?? "")[0] ?? "";
    const names = /;\s*h=([^;]+)/.exec(header)?.[1]?.replace(/\s/g, "").split(":") ?? [];
    expect(names).toEqual(
      `from:from:to:to:subject:subject:date:date:message-id:mime-version:content-type:list-id:list-unsubscribe:list-unsubscribe-post:auto-submitted:feedback-id`.split(
        ":",
      ),
    );
    expect(header).toMatch(
      /v=1; a=rsa-sha256; c=relaxed\/relaxed; d=paperboy\.example; s=[\w-]+;\s+t=\d{10};/,
    );
    expect(header).not.toMatch(/[; ][lx]=/);
  });

  it("breaks when a signed header is changed, or a second one is put above or below it", async () => {
    const raw = signed(await rawOf());
    const fields = headersOf(raw).filter((field) => LIST.test(field));
    expect(fields).toHaveLength(9);
    for (const field of fields) {
      const [name = ""] = field.split(":");
      const changed = raw.replace(new RegExp(`^${name}:`, "m"), `${name}: x`);
      expect(
        (await verdicts(changed)).map(([, , result]) => result),
        field,
      ).toEqual(["fail", "fail"]);
    }
    for (const name of ["From", "To", "Subject", "Date"]) {
      for (const forged of [
        raw.replace(/^/, `${name}: eve@evil.example\r\n`),
        raw.replace("\r\n\r\n", `\r\n${name}: eve@evil.example\r\n\r\n`),
      ]) {
        expect((await verdicts(forged)).map(([, , result]) => result)).toEqual(["fail", "fail"]);
      }
    }
  });

  it("breaks when the body is changed or grows", async () => {
    const raw = signed(await rawOf());
    for (const changed of [raw.replace("Hello", "Hallo"), `${raw}more\r\n`]) {
      expect((await verdicts(changed)).map(([, , result]) => result)).toEqual(["neutral", "neutral"]);
    }
  });

  it("is folded to 76 columns", async () => {
    const raw = signed(await rawOf());
    const folded = raw.slice(0, raw.indexOf("\r\nFrom:"));
    expect(folded.match(/DKIM-Signature/g)).toHaveLength(2);
    for (const line of folded.split("\r\n")) expect(line.length).toBeLessThanOrEqual(76);
  });

  const name = fc.constantFrom("From", "To", "Subject", "X-Other", "Date", "List-Id", "subject", "FROM");
  const value = fc.string({
    unit: fc.constantFrom(" ", "\t", "a", "b", ":", ";", "=", "\r\n ", "\r\n\t"),
    maxLength: 40,
  });
  const line = fc.string({
    unit: fc.constantFrom(" ", "\t", ".", "a", "\u00e9", "\u00a0", "\u0000", "="),
    maxLength: 12,
  });
  const ending = fc.constantFrom("\r\n", "\n", "\r", "\r\n\r\n", " \r\n");

  it("verifies whatever the headers and the body hold (property)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, value), { maxLength: 8 }),
        fc.array(fc.tuple(line, ending), { maxLength: 12 }),
        async (fields, lines) => {
          // A field has a first line that is not blank, or it would be no field but the end of the header.
          const head = ["From: a@paperboy.example", ...fields.map(([n, v]) => `${n}: v${v}v`)].join("\r\n");
          const body = lines.flat().join("");
          const raw = signed(`${head}\r\n\r\n${body}`);
          expect(await verdicts(raw)).toEqual(BOTH_PASS);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("survives what relays may do: folding, blanks at line ends, blank lines at the end", async () => {
    const raw = signed(await rawOf());
    const refolded = raw.replace(/^Subject: Gates/m, "SUBJECT:\r\n\t  Gates \t");
    expect(refolded).not.toBe(raw);
    expect(await verdicts(refolded.replace("Hello.\r\n", "Hello. \t\r\n").concat("\r\n\r\n"))).toEqual(
      BOTH_PASS,
    );
  });

  it("costs no more than its length for a body of blanks", async () => {
    const body = `${" ".repeat(200_000)}x${"\r\n".repeat(100_000)}y`;
    const began = performance.now();
    signed(`From: a@b.example\r\n\r\n${body}`);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe("the wire", () => {
  it.each([
    ["signed", { dkim: keys }],
    ["unsigned", {}],
  ])(
    "has CRLF and no other line end, ASCII, and lines of at most 998 octets (%s)",
    async (_name, settings) => {
      for (const body of [
        { text: "a\rb\nc\r\nd\n\re\r", html: "<p>\r</p>\n\r\n" },
        { text: "長".repeat(5000), html: `<p>${"long ".repeat(4000)}</p>`, subject: "長".repeat(500) },
        { text: "x".repeat(5000), html: "x".repeat(5000), subject: "x ".repeat(400) },
      ]) {
        const sent = await bytesOf(message(body), settings);
        expect(sent).toMatch(/^[\t\r\n -~]*$/);
        expect(sent.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
        for (const line of sent.split("\r\n")) expect(line.length).toBeLessThanOrEqual(998);
      }
    },
  );

  it("carries internationalised domains as punycode, in the envelope as in From and To", async () => {
    const from = parseSender("Zeitung <papers@büro.example>");
    const { received, url } = await smtpServer();
    // Bypassing `parseAddress`, which has done it already: a mail built elsewhere must not differ.
    const mail = buildMessage(
      input({ from: { ...from, address: "papers@büro.example" }, to: "ada@bücher.example" }),
    );
    await openTransport(url).send(mail, { beforeDot: now });
    const headers = headersOf(received[0]?.raw ?? "");
    expect(headers).toContain("From: Zeitung <papers@xn--bro-hoa.example>");
    expect(headers).toContain("To: ada@xn--bcher-kva.example");
  });

  it.each([
    ["rcpt", "message", { to: "adä@example.org" }],
    ["mail", "sender", { returnPath: "bounce-ä@paperboy.example" }],
  ])("never carries a local part outside ASCII: refused at %s", async (phase, kind, fields) => {
    const server = await scriptedServer({});
    const outcome = await openTransport(server.url).send(buildMessage(input(fields)), { beforeDot: now });
    expect(outcome).toMatchObject({ kind: "refused", phase, class: kind, code: 553, enhanced: "5.6.7" });
    expect(server.seen).toEqual([]);
  });
});

describe("keys", () => {
  const use = (settings: Partial<DkimSettings>) => createSigner([{ ...rsa, ...settings }]);
  const pem = (pair: { privateKey: { export(o: { type: "pkcs8"; format: "pem" }): string | Buffer } }) =>
    pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

  it.each([
    ["no PEM", { privateKey: "not a key" }, /"paperboy-202611-rsa" is not a readable PEM/],
    [
      "a short RSA key",
      { privateKey: pem(generateKeyPairSync("rsa", { modulusLength: 768 })) },
      /768 bits.*1024/,
    ],
    [
      "an EC key",
      { privateKey: pem(generateKeyPairSync("ec", { namedCurve: "P-256" })) },
      /RSA or Ed25519.*is ec/,
    ],
    ["an Ed448 key", { privateKey: pem(generateKeyPairSync("ed448")) }, /RSA or Ed25519.*is ed448/],
    ["a selector that is no name", { selector: "s; d=evil" }, /selector/],
    ["a domain that is no name", { domain: "a\r\nb" }, /domain/],
  ])("refuses %s, in one line", (_name, settings, says) => {
    expect(() => use(settings)).toThrow(says);
    expect(() => use(settings)).toThrow(/^[^\n\r]+$/);
  });

  it("refuses two keys at one place in DNS", () => {
    expect(() => createSigner([rsa, { ...ed, selector: rsa.selector }])).toThrow(/two DKIM keys.*_domainkey/);
  });

  it("accepts PKCS#1, 1024 bits and an internationalised domain", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const old = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    const settings = [{ domain: "büro.example", selector: "s1", privateKey: old }];
    const raw = signed(await rawOf(), settings);
    expect(raw).toContain("d=xn--bro-hoa.example;");
    expect(await verdicts(raw, settings)).toEqual([["s1", "rsa-sha256", "pass"]]);
  });

  it("are made in pairs named after the month, and have a record to publish", () => {
    const [first, second] = keys.map(dkimRecord);
    expect(first?.name).toBe("paperboy-202611-rsa._domainkey.paperboy.example");
    expect(first?.value).toMatch(/^v=DKIM1; k=rsa; p=MIIB[A-Za-z0-9+/=]{388}$/);
    expect(second?.name).toBe("paperboy-202611-ed._domainkey.paperboy.example");
    expect(second?.value).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
  });
});

describe("a message that cannot be made", () => {
  it("is not sent, and says why", async () => {
    const server = await scriptedServer({});
    const broken = { ...message(), html: { path: "/etc/hostname" } };
    const outcome = await openTransport(server.url, { dkim: keys }).send(broken, { beforeDot: now });
    expect(outcome).toMatchObject({ kind: "aborted", error: { message: expect.stringContaining("access") } });
    expect(server.seen).toEqual([]);
  });
});

/** The message as the transport would build it, unsigned. */
async function rawOf(): Promise<string> {
  const server = await smtpServer();
  await openTransport(server.url).send(message(), { beforeDot: now });
  return server.received[0]?.raw ?? "";
}

/** The very octets between DATA and the dot. */
async function bytesOf(mail: ReturnType<typeof message>, settings: object): Promise<string> {
  let bytes = "";
  const listen = (socket: Socket) => {
    socket.on("data", (chunk) => {
      bytes += chunk;
    });
    socket.write("220 stub\r\n");
  };
  const server = await scriptedServer({ greeting: listen });
  await openTransport(server.url, settings).send(mail, { beforeDot: now });
  return bytes.slice(bytes.indexOf("DATA\r\n") + 6, bytes.indexOf("\r\n.\r\n") + 2);
}
