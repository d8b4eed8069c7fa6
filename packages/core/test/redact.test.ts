import { redact, signLink } from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("redact", () => {
  const keys = [{ id: "k1", secret: "0123456789abcdef0123456789abcdef" }];

  it.each([
    ["550 5.1.1 <ada.lovelace+x@mail.example.org> unknown", "550 5.1.1 <…@mail.example.org> unknown"],
    ["GET /manage?token=abc.def&done=saved", "GET /manage?token=…&done=saved"],
    ["Authorization: Bearer s3cret", "Authorization: Bearer …"],
    ["smtp://user:p%40ss@relay.example.org:587 refused", "smtp://…@relay.example.org:587 refused"],
    ["connect ECONNREFUSED 127.0.0.1:25 at 07:00", "connect ECONNREFUSED 127.0.0.1:25 at 07:00"],
  ])("%s", (text, told) => {
    expect(redact(text)).toBe(told);
  });

  const confirm = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription";
  const topic = "TopicArn=arn:aws:sns:eu-west-1:123456789012:bounces";

  it.each([
    `${confirm}&${topic}&Token=2336412f37fb687f5d51e6e241d09c80`,
    `${confirm}&Token=1`,
    `https://sns.cn-north-1.amazonaws.com.cn/?${topic}&Token=ab&Action=ConfirmSubscription`,
  ])("leaves what an operator has to open: %s", (link) => {
    const about = (text: string) => `{"msg":"Open ${link} and tell ${text}"}`;
    expect(redact(about("ada@example.org"))).toBe(about("…@example.org"));
  });

  it.each([
    "https://sns.eu-west-1.amazonaws.com.example.net/?Action=ConfirmSubscription&Token=s3cret",
    "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=s3cret",
    "https://sns.eu-west-1.amazonaws.com/?Action=Publish&Token=s3cret",
    "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=s3cret.more",
    "https://s3cret@sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
  ])("and nothing that only looks like it: %s", (link) => {
    expect(redact(`Open ${link} now`)).not.toContain("s3cret");
  });

  it("leaves no token of a link, wherever it stands", () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.constantFrom("/digests/", "unsubscribe ", '"', "token: "),
        fc.constantFrom("", '"', "?x", " "),
        fc.option(fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })),
        (id, before, after, expiry) => {
          const token = signLink("manage", id, keys, expiry ?? undefined);
          expect(redact(`${before}${token}${after}`)).not.toContain(token.split(".")[3]);
        },
      ),
    );
  });

  it("leaves no local part of an address that a reader may have", () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        const [local = ""] = address.split("@");
        const told = redact(`mail to ${address} failed`);
        expect(told).not.toContain(`${local}@`);
      }),
    );
  });
});
