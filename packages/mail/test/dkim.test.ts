import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSigner, type DkimSettings, dkimRecord } from "../src/dkim.ts";
import { BOTH_PASS, ed, headersOf, keys, message, now, rsa, signed, verdicts } from "./dkim-verdicts.ts";
import { openTransport, smtpServer } from "./smtp-stub.ts";

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

/** The message as the transport would build it, unsigned. */
async function rawOf(): Promise<string> {
  const server = await smtpServer();
  await openTransport(server.url).send(message(), { beforeDot: now });
  return server.received[0]?.raw ?? "";
}
