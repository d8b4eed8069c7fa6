import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../src/address.ts";

const accepted = (text: string) => {
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.address : `refused: ${parsed.reason}`;
};
const reason = (text: string) => {
  const parsed = parseAddress(text);
  return parsed.ok ? `accepted: ${parsed.address}` : parsed.reason;
};

describe("parseAddress", () => {
  it.each([
    ["ada@example.org", "ada@example.org"],
    ["Ada.Lovelace+papers@Example.ORG", "Ada.Lovelace+papers@example.org"],
    ["o'brien@example.ie", "o'brien@example.ie"],
    ["!#$%&*+-/=?^_`{|}~@example.org", "!#$%&*+-/=?^_`{|}~@example.org"],
    ["leser@bücher.example", "leser@xn--bcher-kva.example"],
    ["leser@BÜCHER.example", "leser@xn--bcher-kva.example"],
    ["leser@xn--bcher-kva.example", "leser@xn--bcher-kva.example"],
    ["reader@例え.テスト", "reader@xn--r8jz45g.xn--zckzah"],
    ["a@b.co", "a@b.co"],
    [`${"a".repeat(64)}@example.org`, `${"a".repeat(64)}@example.org`],
  ])("accepts %s", (text, address) => {
    expect(accepted(text)).toBe(address);
  });

  it.each([
    ["", /empty/],
    ["ada", /@ is missing/],
    ["@example.org", /before the @ is missing/],
    ["ada@", /domain is missing/],
    ["ada@example.org, eve@example.org", /space/],
    ["ada@example.org,eve@example.org", /one address only/],
    ["ada@example.org;eve@example.org", /one address only/],
    ["friends:ada@example.org;", /one address only/],
    ["Ada<ada@example.org>", /bare address/],
    ["ada@a.org<eve@b.org>", /bare address/],
    ["ada(comment)@example.org", /bare address/],
    ['"ada lovelace"@example.org', /space/],
    ['"ada"@example.org', /quoted/],
    ["ada\\@example.org", /quoted/],
    ["ada@example.org\r\nBcc: eve@example.org", /line break/],
    ["ada@example.org\0", /control/],
    [" ada@example.org", /space/],
    ["ada@example.org\u00a0", /space/],
    ["ada@eve@example.org", /more than one @/],
    ["@relay.org:ada@example.org", /one address only/],
    ["ada@example.org.", /misplaced dot/],
    ["ada@.example.org", /misplaced dot/],
    ["ada@example..org", /misplaced dot/],
    [".ada@example.org", /misplaced dot/],
    ["ada.@example.org", /misplaced dot/],
    ["a..da@example.org", /misplaced dot/],
    ["ada@[127.0.0.1]", /IP address/],
    ["ada@127.0.0.1", /IP address/],
    ["ada@0x7f.1", /IP address/],
    ["ada@localhost", /needs a dot/],
    ["ada@-example.org", /valid name/],
    ["ada@exam_ple.org", /not allowed/],
    ["ada@ex%61mple.org", /not allowed/],
    ["ada@xn--a.org", /valid name/],
    ["ädä@example.org", /must be ASCII/],
    [`${"a".repeat(65)}@example.org`, /longer than 64/],
    [`ada@${"a".repeat(64)}.org`, /longer than 63/],
    [`ada@${"abcdefg.".repeat(32)}org`, /longer than 254/],
  ])("refuses %j", (text, expected) => {
    expect(reason(text)).toMatch(expected);
  });

  it("gives two spellings of one mailbox the same key", () => {
    const keys = ["Ada@Bücher.Example", "ada@xn--bcher-kva.example"].map((text) => {
      const parsed = parseAddress(text);
      return parsed.ok ? parsed.key : parsed.reason;
    });
    expect(new Set(keys)).toEqual(new Set(["ada@xn--bcher-kva.example"]));
  });

  it("accepts its own output unchanged, and only printable ASCII comes out", () => {
    const text = fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(text, ([local, domain]) => {
        const parsed = parseAddress(`${local}@${domain}.org`);
        if (!parsed.ok) return;
        expect(parsed.address).toMatch(/^[!-~]+$/);
        expect(parseAddress(parsed.address)).toEqual(parsed);
      }),
      { numRuns: 2000 },
    );
  });
});
