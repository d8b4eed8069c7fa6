import { TEMPLATES } from "@paperboy/harness/templates";
import fc from "fast-check";
import { createTransport } from "nodemailer";
import PostalMime from "postal-mime";
import { beforeAll, describe, expect, it } from "vitest";
import { buildMessage, createRenderer, type MessageInput, type RenderedMail } from "../src/index.ts";
import { digest, entry, section } from "./fixtures.ts";

const list = {
  id: "digest.paperboy.example",
  unsubscribeUrl: `https://paperboy.example/unsubscribe?token=${"t".repeat(180)}`,
  unsubscribeMailto: `mailto:leave@paperboy.example?subject=${"t".repeat(120)}`,
};

let mail: RenderedMail;
beforeAll(async () => {
  const renderer = await createRenderer(TEMPLATES);
  mail = renderer.digest(
    digest(section({ name: "Überblick", papers: [entry({ abstract: "長".repeat(400) })] })),
  );
});

const input = (fields: Partial<MessageInput> = {}): MessageInput => ({
  deliveryId: "01k-42",
  domain: "paperboy.example",
  from: { name: 'Paper, "Boy"', address: "papers@paperboy.example" },
  to: "ada@example.org",
  date: new Date("2026-11-24T07:00:00Z"),
  mail,
  list,
  ...fields,
});

async function rawOf(fields: Partial<MessageInput> = {}): Promise<string> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return String((await transport.sendMail(buildMessage(input(fields)))).message);
}

/** Unfolded header lines by lower-case name; a repeated header gives several. */
function headersOf(raw: string): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  const head = raw.slice(0, raw.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ");
  for (const line of head.split("\r\n")) {
    const name = line.slice(0, line.indexOf(":")).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(name.length + 1).trim()]);
  }
  return headers;
}

describe("a digest's message", () => {
  it("carries exactly the headers a digest needs", async () => {
    const headers = headersOf(await rawOf());
    expect(headers.get("from")).toEqual(['"Paper, \\"Boy\\"" <papers@paperboy.example>']);
    expect(headers.get("to")).toEqual(["ada@example.org"]);
    expect(headers.get("date")).toEqual(["Tue, 24 Nov 2026 07:00:00 +0000"]);
    expect(headers.get("message-id")).toEqual(["<01k-42@paperboy.example>"]);
    expect(headers.get("list-unsubscribe")).toEqual([
      `<${list.unsubscribeUrl}>, <${list.unsubscribeMailto}>`,
    ]);
    expect(headers.get("list-unsubscribe-post")).toEqual(["List-Unsubscribe=One-Click"]);
    expect(headers.get("list-id")).toEqual(["<digest.paperboy.example>"]);
    expect(headers.get("auto-submitted")).toEqual(["auto-generated"]);
    expect(headers.get("mime-version")).toEqual(["1.0"]);
    expect(headers.get("content-type")?.[0]).toMatch(/^multipart\/alternative;/);
    for (const values of headers.values()) expect(values).toHaveLength(1);
  });

  it("comes out as it went in: subject, text and HTML", async () => {
    const parsed = await PostalMime.parse(await rawOf());
    expect(parsed.subject).toBe(mail.subject);
    expect(parsed.text?.trimEnd()).toBe(mail.text.trimEnd());
    expect(parsed.html?.trimEnd()).toBe(mail.html.trimEnd());
  });

  it("is the same bytes but for the boundary when it is built again", async () => {
    const plain = (raw: string) => raw.replace(/--_NmP-[\w-]+/g, "--boundary").replaceAll("\r\n ", " ");
    expect(plain(await rawOf())).toBe(plain(await rawOf()));
  });

  it("keeps to ASCII, CRLF and lines of at most 998 bytes", async () => {
    const raw = await rawOf({
      mail: { ...mail, html: `<p>${"long ".repeat(4000)}</p>`, text: "長".repeat(5000) },
    });
    expect(raw.replaceAll("\r\n", "")).toMatch(/^[\t -~]*$/);
    for (const line of raw.split("\r\n")) expect(line.length).toBeLessThanOrEqual(998);
  });

  it("lets no text become a header", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), async (text) => {
        const evil = `${text}\r\nBcc: eve@example.org\r\n\r\n${text}`;
        const headers = headersOf(
          await rawOf({ mail: { ...mail, subject: evil }, from: { name: evil, address: "a@b.org" } }),
        );
        expect(headers.has("bcc")).toBe(false);
        expect(headers.get("from")?.[0]).toMatch(/<a@b\.org>$/);
      }),
      { numRuns: 50 },
    );
  });

  it("has an envelope of its own, with one recipient", () => {
    expect(buildMessage(input()).envelope).toEqual({
      from: "papers@paperboy.example",
      to: ["ada@example.org"],
    });
    const { envelope } = buildMessage(input({ returnPath: "bounces+42@paperboy.example" }));
    expect(envelope).toEqual({ from: "bounces+42@paperboy.example", to: ["ada@example.org"] });
  });

  it.each([
    ["a delivery id", { deliveryId: "a b" }],
    ["a delivery id", { deliveryId: "a>\r\nBcc: x" }],
    ["a domain", { domain: "" }],
    ["a list id", { list: { ...list, id: "<x>" } }],
    [
      "an unsubscribe address",
      { list: { ...list, unsubscribeUrl: "https://a.org/?t=1>, <mailto:eve@b.org" } },
    ],
    ["an unsubscribe address", { list: { ...list, unsubscribeMailto: "https://a.org" } }],
  ])("refuses %s that could not stand in a header", (_name, fields) => {
    expect(() => buildMessage(input(fields))).toThrow();
  });
});

describe("a confirmation's message", () => {
  it("is marked as automatic and belongs to no list", async () => {
    const { list: _, ...confirmation } = input();
    const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
    const headers = headersOf(String((await transport.sendMail(buildMessage(confirmation))).message));
    expect(headers.get("auto-submitted")).toEqual(["auto-generated"]);
    expect([...headers.keys()].filter((name) => name.startsWith("list-"))).toEqual([]);
  });
});
