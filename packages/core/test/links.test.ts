import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LinkPurpose, parseSigningKeys, signLink, verifyLink } from "../src/links.ts";

const keys = parseSigningKeys("new:correct-horse-battery,old:staple-staple-staple");
const now = new Date("2026-11-24T07:00:00Z");
const id = "3f2b8c1e-98a4-4d7a-9c55-0d5f5f0f9a01";

describe("signed links", () => {
  it("return the id they were signed for, and the same token each time", () => {
    const token = signLink("manage", id, keys);
    expect(verifyLink("manage", token, keys, now)).toEqual({ ok: true, id, expiresAt: null, boundTo: null });
    expect(signLink("manage", id, keys)).toBe(token);
    expect(token).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  it("are worth nothing for another purpose", () => {
    const purposes: LinkPurpose[] = ["confirm", "manage", "unsubscribe", "view"];
    for (const other of purposes.filter((purpose) => purpose !== "view")) {
      expect(verifyLink(other, signLink("view", id, keys), keys, now)).toEqual({
        ok: false,
        reason: "forged",
      });
    }
  });

  it("outlive a change of keys, and end with the key that signed them", () => {
    const old = signLink("unsubscribe", id, keys.slice(1));
    expect(verifyLink("unsubscribe", old, keys, now).ok).toBe(true);
    expect(verifyLink("unsubscribe", old, keys.slice(0, 1), now)).toEqual({ ok: false, reason: "forged" });
  });

  it("expire when they are told to, and not before", () => {
    const token = signLink("confirm", id, keys, new Date("2026-11-24T08:00:00Z"));
    expect(verifyLink("confirm", token, keys, now).ok).toBe(true);
    expect(verifyLink("confirm", token, keys, new Date("2026-11-24T08:00:01Z"))).toEqual({
      ok: false,
      reason: "expired",
    });
    const unsubscribe = signLink("unsubscribe", id, keys);
    expect(verifyLink("unsubscribe", unsubscribe, keys, new Date("2046-01-01")).ok).toBe(true);
  });

  it("do not survive the change of any character", () => {
    const token = signLink("manage", randomUUID(), keys);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(..."abcXYZ019_-."), (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        const found = verifyLink("manage", changed, keys, now);
        // base64url leaves unused bits in a last character, so another spelling of the same bytes may pass
        if (found.ok)
          expect(Buffer.from(changed.split(".")[3] as string, "base64url")).toEqual(
            Buffer.from(token.split(".")[3] as string, "base64url"),
          );
        if (found.ok) expect(found).toEqual(verifyLink("manage", token, keys, now));
      }),
    );
  });

  it("take hostile text for what it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => !verifyLink("manage", text, keys, now).ok),
    );
  });
});

describe("parseSigningKeys", () => {
  it.each([
    ["", "no key"],
    ["short", "16 characters"],
    ["a:0123456789abcdef,a:fedcba9876543210", "share an id"],
  ])("refuses '%s'", (text, reason) => {
    expect(() => parseSigningKeys(text)).toThrow(reason);
  });
});
