import { bounceAddress, classifyReply, deliveryOfBounceAddress, type SmtpReply } from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("a relay's no", () => {
  it.each<[number, string | null, SmtpReply["phase"], string]>([
    [550, "5.1.1", "rcpt", "recipient"],
    [550, null, "rcpt", "recipient"],
    [550, "5.2.1", "rcpt", "recipient"],
    [552, "5.2.2", "rcpt", "soft"],
    [452, "4.2.2", "message", "soft"],
    [450, "4.2.0", "rcpt", "soft"],
    [421, "4.7.0", "connect", "busy"],
    [452, "4.3.1", "rcpt", "busy"],
    [550, "5.7.1", "message", "sender"],
    [550, "5.7.26", "message", "sender"],
    [535, "5.7.8", "auth", "sender"],
    [530, null, "mail", "sender"],
    [553, "5.1.8", "mail", "sender"],
    [554, null, "connect", "sender"],
    [554, "5.6.0", "message", "message"],
    [554, null, "message", "message"],
    [503, null, "rcpt", "soft"],
    [612, null, "rcpt", "soft"],
    [612, null, "message", "unknown"],
  ])("%i %s at %s is about the %s", (code, enhanced, phase, kind) => {
    expect(classifyReply({ code, enhanced, phase })).toBe(kind);
  });
});

describe("a return path", () => {
  const keys = [{ id: "a", secret: "0123456789abcdef" }];
  it("tells the delivery it was made for, in any case, with any key that is still known", () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const address = bounceAddress(id, "papers.example.org", keys);
        expect(address.indexOf("@")).toBeLessThanOrEqual(64);
        expect(
          deliveryOfBounceAddress(address.toUpperCase(), [
            { id: "b", secret: "another-secret-key" },
            ...keys,
          ]),
        ).toBe(id.toLowerCase());
        expect(deliveryOfBounceAddress(address, [{ id: "b", secret: "another-secret-key" }])).toBeNull();
      }),
    );
  });
  it.each(["", "x@y", "bounces+@y", "bounces+00.11@y"])("is not %j", (text) =>
    expect(deliveryOfBounceAddress(text, keys)).toBeNull(),
  );
});
