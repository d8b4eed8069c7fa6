import { describe, expect, test } from "vitest";
import { htmlText } from "../src/bounces/html-text.ts";
import { readBounce, readWebhook } from "../src/index.ts";
import { mail, multipart } from "./bounce-makers.ts";

type Shape = (text: string) => Buffer;

const bounce =
  (...headers: string[]): Shape =>
  (text) =>
    mail({
      from: "MAILER-DAEMON@mx.example.net",
      subject: "failure notice",
      headers: ["Return-Path: <>", ...headers],
      body: [text],
    });
const text = bounce();
const html = bounce("MIME-Version: 1.0", "Content-Type: text/html");
const sns = bounce("X-Amz-Sns-Message-Id: 1");
const mixed = bounce(...multipart("mixed"));
const report =
  (type: string): Shape =>
  (content) =>
    mixed(`--b\r\nContent-Type: ${type}\r\n\r\n${content}\r\n--b--`);
const header =
  (name: string): Shape =>
  (value) =>
    bounce(`${name}: ${value}`)("x");

const RECIPIENT = "\r\nFinal-Recipient: rfc822; r@example.net\r\nAction: failed\r\nStatus: 5.0.0\r\n";

/** What a stranger repeats, and where. */
const HOSTILE: readonly (readonly [string, Shape, string])[] = [
  ["braces of SNS", sns, "{"],
  ["lists of SNS", sns, '{"a":['],
  ["heads that never end", html, "<p><head"],
  ["styles that never end", html, "<p><style\r\n"],
  ["angle brackets", html, "<p><"],
  ["end tags", html, "<p></"],
  ["entities", html, "<p>&amp;"],
  ["spaces", text, " "],
  ["empty lines", text, "\r\n"],
  ["lines of a space", text, " \r\n"],
  ["addresses on lines", text, "a@b.example\r\n"],
  ["addresses in a row", text, "<a@b.example> "],
  ["at signs", text, "a@"],
  ["letters", text, "學"],
  ["words of a server", text, "user mailbox account "],
  ["exceed", text, "exceed"],
  ["temporar", text, "temporarexceeddeliver"],
  ["labels", text, "address    "],
  ["reply codes", text, "550 5.1.1 \r\n"],
  ["announcements", text, "---- this is this is a copy\r\n"],
  ["quotes", text, "> > > "],
  ["parts", mixed, "--b\r\n\r\n"],
  ["parts of HTML", mixed, "--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n"],
  ["recipients", report("message/delivery-status"), RECIPIENT],
  ["blank lines of a complaint", report("message/feedback-report"), "\r\n \t"],
  ["fields of a returned mail", report("message/rfc822"), "Received: x\r\n"],
  ["parameters", header("Content-Type"), "a=b "],
  ["quotes of parameters", header("Content-Type"), 'a="'],
  ["comments of a date", header("Received"), "("],
  ["folded lines", header("Subject"), "x\r\n "],
  ["encoded words", header("Subject"), "=?utf-8?q?a?=\r\n "],
  ["words of a subject", header("Subject"), "deliver message "],
  ["an address list", header("To"), "a@b.example, "],
];

/** Octets that the process computed for, in microseconds. */
async function costOf(raw: Buffer): Promise<number> {
  const started = process.cpuUsage();
  await readBounce(raw);
  return process.cpuUsage(started).user;
}

describe("what reading a mail costs grows in step with it, at most", () => {
  test.each(HOSTILE)("%s", async (_name, shape, unit) => {
    const tries = async (length: number) => {
      const raw = shape(unit.repeat(Math.ceil(length / unit.length)));
      return [await costOf(raw), await costOf(raw), await costOf(raw)];
    };
    const small = Math.max(...(await tries(8_000)));
    const large = Math.min(...(await tries(80_000)));
    // Memory that happens to be cleared meanwhile counts as well, and what is over between two ticks of the clock as nothing.
    expect(large).toBeLessThan(30 * small + 100_000);
  });
});

test("HTML is read as it is shown", () => {
  expect(
    htmlText("<html><head><title>x</title></head><p>One</p><p>two &lt;three&gt; &amp;amp; <b>four</b></p>")
      .trim()
      .split(/\s+/),
  ).toEqual(["One", "two", "<three>", "&amp;", "four"]);
  expect(htmlText("<p><reader@example.net>: no such user")).toContain("<reader@example.net>: no such user");
  expect(htmlText("<p>a < b and <style>p { }</style>c<style>never closed")).toContain("a < b");
  expect(htmlText("no tags & no change")).toBe("no tags & no change");
});

test("a notification of SES names no more people than a mail can have had", () => {
  const bouncedRecipients = Array.from({ length: 20_000 }, (_, n) => ({
    emailAddress: `r${n}@example.net`,
    diagnosticCode: "smtp; 550 5.1.1 user unknown",
  }));
  const { reports } = readWebhook("ses", {
    notificationType: "Bounce",
    bounce: { bounceType: "Permanent", bouncedRecipients },
  });
  expect(reports[0]?.recipients).toHaveLength(50);
});
