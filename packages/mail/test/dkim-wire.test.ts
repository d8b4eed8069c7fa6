import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { generateDkimKeys } from "../src/dkim.ts";
import { buildMessage, parseSender } from "../src/index.ts";
import {
  BOTH_PASS,
  type Body,
  ed,
  headersOf,
  input,
  keys,
  message,
  now,
  rsa,
  verdicts,
} from "./dkim-verdicts.ts";
import { openTransport, scriptedServer, smtpServer } from "./smtp-stub.ts";

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

describe("a message that cannot be made", () => {
  it("is not sent, and says why", async () => {
    const server = await scriptedServer({});
    const broken = { ...message(), html: { path: "/etc/hostname" } };
    const outcome = await openTransport(server.url, { dkim: keys }).send(broken, { beforeDot: now });
    expect(outcome).toMatchObject({ kind: "aborted", error: { message: expect.stringContaining("access") } });
    expect(server.seen).toEqual([]);
  });
});

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
