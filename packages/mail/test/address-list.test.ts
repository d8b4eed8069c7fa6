import { parseAddress } from "@paperboy/core";
import fc from "fast-check";
import addressparser from "nodemailer/lib/addressparser";
import { describe, expect, it } from "vitest";
import { parseSender } from "../src/index.ts";

/** Texts near the border of what is an address: its own letters, and everything with a meaning in a header. */
const piece = fc.constantFrom(
  ..."abz09.-_+'!#$%&*/=?^`{|}~@,;:<>()[]\"\\ \r\n\t\0äß例。",
  "xn--",
  "@b.org",
  "a.b",
);
const nearAddress = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
const atext = fc.constantFrom(..."abcXYZ019!#$%&'*+-/=?^_`{|}~");
const localPart = fc.array(fc.string({ unit: atext, minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 4,
});
const plausible = fc.tuple(localPart, fc.domain()).map(([atoms, domain]) => `${atoms.join(".")}@${domain}`);

describe("what parseAddress accepts", () => {
  it.each([
    ["texts near the border", nearAddress],
    ["dot-atoms of every character", plausible],
    [
      "anything at all",
      fc.tuple(fc.string({ unit: "binary" }), fc.string()).map(([a, b]) => `${a}@${b}.org`),
    ],
  ])("nodemailer reads as exactly that one address: %s", (_name, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseAddress(text);
        if (!parsed.ok) return;
        expect(addressparser(parsed.address)).toEqual([{ name: "", address: parsed.address }]);
      }),
      { numRuns: 1000 },
    );
  });

  it("is not nothing", () => {
    const accepted = fc.sample(plausible, 300).filter((text) => parseAddress(text).ok);
    expect(accepted.length).toBeGreaterThan(200);
  });
});

describe("parseSender", () => {
  it.each([
    ["Paperboy <papers@example.org>", { name: "Paperboy", address: "papers@example.org" }],
    ['"Paper, Boy" <papers@example.org>', { name: "Paper, Boy", address: "papers@example.org" }],
    ["papers@bücher.example", { name: "", address: "papers@xn--bcher-kva.example" }],
  ])("reads %s", (text, sender) => {
    expect(parseSender(text)).toEqual(sender);
  });

  it.each([
    "",
    "Paperboy",
    "a@example.org, b@example.org",
    "list: a@example.org;",
    "Paperboy <papers@localhost>",
  ])("refuses %j", (text) => {
    expect(() => parseSender(text)).toThrow(/sender/);
  });
});
