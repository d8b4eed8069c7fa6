import { describe, expect, test } from "vitest";
import { readBounce } from "../src/index.ts";
import { kindOf } from "./bounce-kinds.ts";
import { mail, qmail } from "./bounce-makers.ts";

const robot = (from: string, subject: string, ...body: string[]) =>
  mail({ from, subject, headers: [`Return-Path: <${from}>`], body });

describe("what no-reply@ tells in words", () => {
  test.each([
    [
      "a full mailbox",
      robot(
        "no-reply@mx.example.net",
        "Delivery failed",
        "Your mail to reader@example.net was not delivered:",
        "the mailbox is full.",
      ),
    ],
    [
      "a quota",
      robot(
        "noreply@mx.example.net",
        "Undeliverable: 3 papers on gates",
        "The recipient's inbox is over quota. <reader@example.net>",
      ),
    ],
    [
      "a full mailbox and no more",
      robot(
        "do-not-reply@mx.example.net",
        "Mailbox full",
        "The mailbox of reader@example.net has exceeded its quota. Your message could not be delivered.",
      ),
    ],
    [
      "in German",
      robot(
        "noreply@mx.example.net",
        "Unzustellbar: 3 papers on gates",
        "Das Postfach von reader@example.net ist voll.",
      ),
    ],
  ])("%s is soft", async (_name, raw) => {
    const report = await readBounce(raw);
    expect(report).toMatchObject({
      kind: "soft",
      delayed: false,
      recipients: ["reader@example.net"],
      status: "5.2.2",
    });
  });

  test("nobody there is hard, and everything else is no report", async () => {
    const hard = robot(
      "no-reply@mx.example.net",
      "Returned mail",
      "550 5.1.1 <reader@example.net>: no such user here",
    );
    expect(await kindOf(hard)).toBe("hard");
    for (const raw of [
      robot(
        "no-reply@shop.example.net",
        "Your order",
        "Your mailbox (the one of steel) is ready for pick-up.",
      ),
      robot("noreply@example.net", "Welcome", "Your account was created. This address does not accept mail."),
    ])
      expect(await kindOf(raw)).toBe("unrecognised");
  });
});

describe("whose fault", () => {
  test.each([
    ["a filter, though it says 5.1.1", "550 5.1.1 <reader@example.net> message classified as spam"],
    ["a filter with 5.2.1", "550 5.2.1 rejected because of spam content, user unknown to our whitelist"],
    ["a block list", "554 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen.spamhaus.org"],
    ["a policy", "550 5.7.1 Our policy does not permit this message"],
    [
      "a greylist",
      "450 4.2.0 <reader@example.net>: Recipient address rejected: Greylisted, see https://example.net/unknown-user",
    ],
    [
      "a greylist that never ended",
      "451 4.7.1 Greylisting in action, please come back later; retry timeout exceeded",
    ],
    ["an unknown sender", "550 5.1.0 sender address unknown"],
    [
      "DMARC",
      "550 5.7.26 Unauthenticated email from papers.example.org is not accepted due to its DMARC policy",
    ],
    ["a rate", "550 5.4.5 Daily user sending quota exceeded"],
  ])("%s is soft", async (_name, answer) => {
    expect(await kindOf(qmail(`Remote host said: ${answer}`))).toBe("soft");
  });
});
