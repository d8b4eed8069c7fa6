import { describe, expect, test } from "vitest";
import { readBounce } from "../src/index.ts";
import {
  arf,
  dsn,
  gmail,
  mail,
  multipart,
  OUR_ID,
  OURS,
  parts,
  postfix,
  RETURNED,
  reply,
  xarf,
} from "./bounce-makers.ts";

/** Warnings: the mail is still being tried. */
const DELAYED: Readonly<Record<string, Buffer>> = {
  postfix: postfix(
    "connect to mx.example.net[192.0.2.1]:25: Connection timed out",
    [
      "Status: 4.4.1",
      "Diagnostic-Code: X-Postfix; connect to mx.example.net[192.0.2.1]:25: Connection timed out",
    ],
    "delayed",
  ),
  exim: mail({
    from: "Mail Delivery System <Mailer-Daemon@mx.example.net>",
    subject: "Warning: message 1abc-2 delayed 24 hours",
    headers: ["Auto-Submitted: auto-replied", "Return-Path: <>"],
    body: [
      "A message that you sent has not yet been delivered to one or more of its",
      "recipients after more than 24 hours on the queue on mx.example.net.",
      "The address to which the message has not yet been delivered is:",
      "",
      "  reader@example.net",
      "    Delay reason: 550 no such user",
      "",
      "No action is required on your part. Delivery attempts will continue for some time.",
    ],
  }),
  gmail: gmail(
    "Delay",
    "THIS IS A WARNING MESSAGE ONLY.",
    "",
    "Delivery to the following recipient has been delayed:",
    "",
    "     reader@example.net",
    "",
    "Message will be retried for 2 more day(s)",
  ),
};

/** Nothing to do. */
const IGNORED: Readonly<Record<string, Buffer>> = {
  "a vacation note": reply(
    "Out of office: 3 papers on gates",
    ["Auto-Submitted: auto-replied"],
    "I am away until Monday. Mailbox full of sun.",
  ),
  "a vacation note with no return path": reply(
    "Automatic reply: 3 papers on gates",
    ["Return-Path: <>", "X-Auto-Response-Suppress: All"],
    "I have left the company; this user no longer works here.",
  ),
  "a vacation note in German": reply(
    "Automatische Antwort: 3 papers on gates",
    ["Precedence: auto_reply"],
    "Ich bin nicht da.",
  ),
  "a challenge": reply(
    "Please confirm your message to reader@example.net",
    ["Precedence: bulk"],
    "Click here, and your mail is delivered.",
  ),
  "another challenge": reply(
    "Re: 3 papers on gates [verification required]",
    ["Auto-Submitted: auto-replied"],
    "Your email requires verification.",
  ),
  "a read receipt": mail({
    from: "Reader <reader@example.net>",
    subject: "Read: 3 papers on gates",
    headers: multipart("report; report-type=disposition-notification"),
    body: parts([
      { type: "text/plain", lines: ["Your message was read."] },
      {
        type: "message/disposition-notification",
        lines: [
          "Final-Recipient: rfc822;reader@example.net",
          "Disposition: manual-action/MDN-sent-manually; displayed",
        ],
      },
    ]),
  }),
  "a DMARC report": mail({
    from: "noreply-dmarc-support@google.example",
    subject: "Report domain: papers.example.org Submitter: google.example Report-ID: 42",
    headers: [
      "MIME-Version: 1.0",
      'Content-Type: application/zip; name="google.example!papers.example.org!1!2.zip"',
      "Content-Transfer-Encoding: base64",
    ],
    body: ["UEsDBA=="],
  }),
  "a DMARC report of another make": mail({
    from: "postmaster@example.net",
    subject: "DMARC Aggregate Report for papers.example.org",
    headers: ["Return-Path: <>"],
    body: ["This is a DMARC aggregate report. 3 mails were rejected, 0 not delivered."],
  }),
  "a failed signature": arf(["Feedback-Type: auth-failure", "User-Agent: X/1", "Version: 1"]),
  "a reader who says it is no spam": arf(["Feedback-Type: not-spam", "User-Agent: X/1", "Version: 1"]),
  "a report of success": dsn({
    from: "MAILER-DAEMON@mx.example.net",
    subject: "Delivery Status Notification (Success)",
    fields: ["Final-Recipient: rfc822; reader@example.net", "Action: relayed", "Status: 2.0.0"],
  }),
  "an address that was only tried": dsn({
    from: "MAILER-DAEMON@mx.example.net",
    subject: "Mail Delivery Status Report",
    fields: [
      "Final-Recipient: rfc822; reader@example.net",
      "Action: deliverable",
      "Status: 2.1.5",
      "Diagnostic-Code: smtp; 250 2.1.5 OK",
    ],
  }),
  "a success without an action": dsn({
    from: "MAILER-DAEMON@mx.example.net",
    subject: "Delivery Status Notification",
    fields: ["Final-Recipient: rfc822; reader@example.net", "Status: 2.1.5"],
  }),
  "another kind of x-arf report": xarf("login-attack"),
};

const COMPLAINTS: Readonly<Record<string, Buffer>> = {
  ARF: arf(["Feedback-Type: abuse", "User-Agent: X/1", "Version: 1", "Original-Rcpt-To: reader@example.net"]),
  "ARF that hides the reader": arf([
    "Feedback-Type: abuse",
    "User-Agent: X/1",
    "Version: 1",
    "Original-Rcpt-To: redacted@example.net",
  ]),
  "ARF of a type nobody knows": arf(["Feedback-Type: annoyance", "User-Agent: X/1", "Version: 1"]),
  "x-arf": xarf("spam"),
  "a mail returned under a subject that says so": mail({
    from: "staff@hotmail.example",
    subject: "complaint about message from 192.0.2.1",
    headers: multipart("mixed"),
    body: parts([{ type: "message/rfc822", lines: [...RETURNED, "", "Gates."] }]),
  }),
};

/** Mail of all sorts that is no report. */
const NEITHER: Readonly<Record<string, Buffer>> = {
  "a question": reply(
    "Re: 3 papers on gates",
    [],
    "Could you add a section on locks? My mailbox is full of your mails, 550 by now.",
  ),
  "a bounce that somebody forwards": reply(
    "Fwd: Undelivered Mail Returned to Sender",
    [],
    "Look what I got:",
    "550 5.1.1 User unknown",
  ),
  spam: mail({ from: "Deals <deals@example.com>", subject: "Returned mail prices", body: ["Buy mail."] }),
};

describe("a warning", () => {
  test.each(Object.entries(DELAYED))("of %s is soft, and nothing has failed", async (_name, raw) => {
    expect(await readBounce(raw)).toMatchObject({
      kind: "soft",
      delayed: true,
      recipients: ["reader@example.net"],
    });
  });
});

describe("ignored", () => {
  test.each(Object.entries(IGNORED))("%s", async (_name, raw) => {
    expect(await readBounce(raw)).toMatchObject({ kind: "ignored" });
  });
});

describe("a complaint", () => {
  test.each(Object.entries(COMPLAINTS))("%s", async (_name, raw) => {
    expect(await readBounce(raw)).toMatchObject({
      kind: "complaint",
      format: "arf",
      recipients: ["reader@example.net"],
      originalMessageId: OUR_ID,
      deliveredTo: expect.arrayContaining([OURS]),
    });
  });
});

describe("not recognised", () => {
  test.each(Object.entries(NEITHER))("%s", async (_name, raw) => {
    expect(await readBounce(raw)).toMatchObject({ kind: "unrecognised" });
  });
});
