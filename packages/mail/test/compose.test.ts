import fc from "fast-check";
import { dkimVerify } from "mailauth";
import { createTransport } from "nodemailer";
import PostalMime from "postal-mime";
import { beforeAll, describe, expect, it } from "vitest";
import { TEMPLATES } from "../../../test/harness/templates.ts";
import { requireSoundBody, requireSoundField } from "../src/compose/sound.ts";
import { relaxBody } from "../src/dkim/canonicalise.ts";
import { dkimRecord, generateDkimKeys } from "../src/dkim.ts";
import {
  buildMessage,
  composeMessage,
  createRenderer,
  type DigestMessage,
  type Renderer,
} from "../src/index.ts";
import { readyMail } from "../src/transport/ready-mail.ts";
import { digest, entry, paper, section } from "./fixtures.ts";

const NOW = new Date("2026-11-24T07:00:00Z");
let renderer: Renderer;
beforeAll(async () => {
  renderer = await createRenderer(TEMPLATES);
});

/** What tends to break mails: other scripts, emoji, text that runs the other way, dots and mbox's word at line starts. */
const words = fc.constantFrom(
  ..."gate attention. . .. .hidden From >From = =3D a=b 長い記憶 Überblick שלום العربية 🗞️ 👩‍👩‍👧 – “x” e\u0301 \u00a0 & < > \" '".split(
    " ",
  ),
);
const text = (most: number) => fc.array(words, { maxLength: most }).map((all) => all.join(" "));
const url = fc.webUrl({ withQueryParameters: true, withFragments: true });
const optionalUrl = fc.option(url);
const papers = fc.record({
  id: fc.integer({ min: 1, max: 50 }),
  title: text(30),
  abstract: text(120),
  authors: fc.array(text(4), { maxLength: 7 }),
  categories: fc.array(text(1), { maxLength: 2 }),
  sources: fc.array(text(2), { maxLength: 3 }),
  url,
  pdfUrl: optionalUrl,
  codeUrl: optionalUrl,
  upvotes: fc.option(fc.nat()),
});
const sections = fc.record({
  kind: fc.constantFrom("topic" as const, "trending" as const, "replacements" as const),
  name: text(6),
  query: text(10),
  papers: fc.array(fc.tuple(papers, fc.array(text(2), { maxLength: 3 })), { maxLength: 6 }),
  more: fc.nat({ max: 2 }),
});
const digests = fc
  .tuple(fc.array(sections, { maxLength: 4 }), fc.array(text(20), { maxLength: 3 }))
  .map(([all, notes]) => ({
    ...digest(),
    sections: all.map(({ papers: list, more, ...fields }) =>
      section({
        ...fields,
        papers: list.map(([fields, matched]) => ({ paper: paper(fields), matched, reason: null })),
        total: list.length + more,
      }),
    ),
    notes,
  }));
const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,200}$/);
const senders = fc.record({
  name: fc.oneof(text(4), fc.constantFrom("", 'Paper, "Boy"', "Zeitung für Ärzte", "論文")),
  address: fc.constantFrom("papers@paperboy.example", "a.b+c@paperboy.example"),
});
const messages = fc.record({ content: digests, token, from: senders }).map(
  ({ content, token, from }): DigestMessage => ({
    deliveryId: "01k-42",
    domain: "paperboy.example",
    from,
    to: "ada@example.org",
    date: NOW,
    mail: renderer.digest(content),
    list: {
      id: "digest.paperboy.example",
      unsubscribeUrl: `https://paperboy.example/unsubscribe?token=${token}`,
      unsubscribeMailto: `mailto:leave@paperboy.example?subject=unsubscribe%20${token}`,
    },
    returnPath: "bounce+42@paperboy.example",
  }),
);

const composed = async (message: DigestMessage): Promise<string> =>
  (await readyMail(composeMessage(message), null)).octets.toString("latin1");

const oracle = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
const built = async (message: DigestMessage): Promise<string> =>
  (await oracle.sendMail(buildMessage(message))).message.toString("latin1");

/** What an independent parser reads of a mail; what names the parts, and how each is encoded, is the composer's own affair. */
async function read(raw: string) {
  const { headers, text, html, subject, from, to, messageId, date, attachments } = await PostalMime.parse(
    Buffer.from(raw, "latin1"),
  );
  const names = headers.map(({ key }) => key).filter((key) => key !== "content-transfer-encoding");
  const plain = headers.filter(({ key }) => !/^(content-|subject|from)/.test(key));
  return {
    names: names.toSorted(),
    plain: plain.map(({ key, value }) => `${key}: ${value.replace(/\s+/g, " ")}`).toSorted(),
    parts: { text: text?.trimEnd(), html: html?.trimEnd() },
    fields: { subject, from, to, messageId, date, attachments },
  };
}

describe("a composed digest", () => {
  it("reads as what Nodemailer composes of the same input (property)", async () => {
    await fc.assert(
      fc.asyncProperty(messages, async (message) => {
        const [ours, theirs] = [await read(await composed(message)), await read(await built(message))];
        expect(ours).toEqual(theirs);
        expect(ours.parts.text).toBe(message.mail.text.trimEnd());
        expect(ours.parts.html).toBe(message.mail.html.trimEnd());
      }),
      { numRuns: 60 },
    );
  });

  it("is fit for every relay: short lines, CRLF alone, no octet beyond ASCII, no dot to double (property)", async () => {
    await fc.assert(
      fc.asyncProperty(messages, async (message) => {
        const raw = await composed(message);
        expect(raw).toMatch(/^[\t\r\n -~]*$/);
        expect(raw.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
        expect(raw.endsWith("\r\n")).toBe(true);
        const lines = raw.split("\r\n");
        const body = lines.slice(lines.indexOf("") + 1);
        expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998);
        expect(Math.max(...body.map(({ length }) => length))).toBeLessThanOrEqual(76);
        expect(lines.filter((line) => line.startsWith(".") || line.startsWith("From "))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("is in the form that DKIM signs, as it is (property)", async () => {
    await fc.assert(
      fc.asyncProperty(messages, async (message) => {
        const body = Buffer.concat(composeMessage(message).body);
        expect(relaxBody(body).equals(body)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("verifies under RSA and Ed25519 (property)", async () => {
    const keys = generateDkimKeys("paperboy.example", NOW);
    const { createSigner } = await import("../src/dkim.ts");
    const zone = new Map(keys.map(dkimRecord).map(({ name, value }) => [name, value]));
    const resolver = async (name: string) => [zone.get(name)?.match(/.{1,255}/g) ?? []];
    await fc.assert(
      fc.asyncProperty(messages, async (message) => {
        const { octets } = await readyMail(composeMessage(message), createSigner(keys));
        const { results } = await dkimVerify(octets, { resolver });
        expect(results.map(({ status }) => status.result)).toEqual(["pass", "pass"]);
      }),
      { numRuns: 20 },
    );
  });

  it("shares the octets of a paper's card between readers, in both parts, whatever they asked for", () => {
    const shared = entry({ title: "Shared", abstract: "One abstract for all." });
    const ways = [["gates", ["gate"]] as const, ["gating", ["gating"]] as const];
    const mails = ways.map(([name, matched]) =>
      renderer.digest(digest(section({ name, papers: [{ ...shared, matched }] }))).encoded(),
    );
    for (const form of ["text", "html"] as const) {
      const [first = [], second = []] = mails.map((mail) => mail[form]);
      const same = first.filter((octets) => second.includes(octets));
      expect(String(Buffer.concat(same))).toContain("One abstract for all");
      expect(String(Buffer.concat(same))).not.toMatch(/gat(e|ing)\b/);
      expect(first).toHaveLength(second.length);
      expect(first[0]).not.toBe(second[0]);
    }
  });

  it("keeps an abstract of 5 MB, and 90 KB of HTML, within bounds", async () => {
    const huge = Array.from({ length: 90 }, (_, id) =>
      entry({ id, abstract: `${"長い . From =".repeat(5)} ${"x".repeat(id === 0 ? 5_000_000 : 1_000)}` }),
    );
    const mail = renderer.digest(digest(section({ papers: huge })));
    expect(Buffer.byteLength(mail.html)).toBeLessThanOrEqual(90_000);
    const { octets } = await readyMail(composeMessage({ ...input(), mail }), null);
    expect(octets.length).toBeLessThan(400_000);
    expect((await PostalMime.parse(octets)).html?.trimEnd()).toBe(mail.html.trimEnd());
  });

  it.each([
    ["an address that ends the line", { to: "ada@example.org\r\nBcc: eve@evil.example" }, /"To"/],
    ["a sender beyond ASCII", { from: { name: "", address: "adä@paperboy.example" } }, /"From"/],
    ["an id that ends the field", { deliveryId: "x>\r\nBcc: <eve" }, /Message-ID/],
    ["an address longer than a line may be", { to: `${"a".repeat(1_000)}@example.org` }, /"To"/],
  ])("with %s is refused, naming the field", (_name, fields, says) => {
    expect(() => composeMessage({ ...input(), ...fields })).toThrow(says);
  });
});

const input = (): DigestMessage => ({
  deliveryId: "d1",
  domain: "paperboy.example",
  from: { name: "Paperboy", address: "papers@paperboy.example" },
  to: "ada@example.org",
  date: NOW,
  mail: renderer.digest(digest()),
});

describe("a fragment or a field that would break a mail", () => {
  it.each([
    ["a line of 77 characters", `${"x".repeat(77)}\r\n`],
    ["a bare line feed", "a\nb\r\n"],
    ["a bare carriage return", "a\rb\r\n"],
    ["an octet beyond ASCII", "é\r\n"],
    ["a dot at a line's start", "a\r\n.\r\n"],
    ["a last line without its end", "a"],
    ["a control", "a\u0000\r\n"],
  ])("is refused, naming the paper: %s", (_name, octets) => {
    expect(() => requireSoundBody(Buffer.from(octets, "latin1"), "paper 7 (Gates)")).toThrow(
      /paper 7 \(Gates\)/,
    );
  });

  it.each([
    "To: a\r\nBcc: b",
    "To: a\r\n\r\nbody",
    "To: a\nb",
    "To: \u00e9",
    "To: a\r\n \r\n b",
    `To: ${"x".repeat(999)}`,
  ])("is refused, naming the field: %j", (field) => {
    expect(() => requireSoundField(field)).toThrow(/"To"/);
  });
});
