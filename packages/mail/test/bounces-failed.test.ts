import { expect, test } from "vitest";
import { readBounce } from "../src/index.ts";
import {
  dsn,
  exchange,
  exim,
  gmail,
  mail,
  OUR_ID,
  OURS,
  office365,
  postfix,
  qmail,
  sendmail,
  yahoo,
} from "./bounce-makers.ts";

/** What each says: its kind, and its status when that is said or implied. */
const FAILED: Readonly<Record<string, readonly [Buffer, "hard" | "soft", string | null]>> = {
  "sendmail: user unknown": [
    sendmail("5.1.1", "550 5.1.1 <reader@example.net>... User unknown"),
    "hard",
    "5.1.1",
  ],
  "sendmail: 5.1.1 of its own beside a filter's no": [
    sendmail("5.1.1", "550 Your mail looks like spam"),
    "soft",
    "5.7.1",
  ],
  "sendmail: 5.1.1 of its own beside the server's 5.7.1": [
    sendmail("5.1.1", "550 5.7.1 Go away"),
    "soft",
    "5.7.1",
  ],
  "sendmail: over quota": [sendmail("5.2.2", "552 5.2.2 Over quota"), "soft", "5.2.2"],
  "sendmail: host unknown": [
    sendmail("5.1.2", "550 5.1.2 Host unknown (Name server: example.net: host not found)"),
    "hard",
    "5.1.2",
  ],
  "postfix: user unknown": [
    postfix(
      "host mx.example.net[192.0.2.1] said: 550 5.1.1 <reader@example.net>: Recipient address rejected: User unknown",
      [
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 <reader@example.net>: Recipient address rejected: User unknown",
      ],
    ),
    "hard",
    "5.1.1",
  ],
  "postfix: domain not found": [
    postfix("Host or domain name not found. Name service error for name=example.net type=A: Host not found", [
      "Status: 5.4.4",
      "Diagnostic-Code: X-Postfix; Host or domain name not found. Name service error for name=example.net type=A: Host not found",
    ]),
    "hard",
    "5.4.4",
  ],
  "postfix: greylisted for too long": [
    postfix("host mx.example.net[192.0.2.1] said: 450 4.2.0 Recipient address rejected: Greylisted", [
      "Status: 4.2.0",
      "Diagnostic-Code: smtp; 450 4.2.0 Recipient address rejected: Greylisted",
    ]),
    "soft",
    "4.7.1",
  ],
  "postfix: an address that could not be verified yet": [
    postfix("unverified address", [
      "Status: 4.1.1",
      "Diagnostic-Code: smtp; 450 4.1.1 <reader@example.net>: Recipient address rejected: unverified address: host mx said: 550 User unknown",
    ]),
    "soft",
    "4.1.1",
  ],
  "exim: no such user": [
    exim(
      "SMTP error from remote mail server after RCPT TO:<reader@example.net>:",
      "host mx.example.net [192.0.2.1]: 550 No such user here",
    ),
    "hard",
    "5.1.1",
  ],
  "exim: unrouteable": [exim("all relevant MX records point to non-existent hosts"), "hard", "5.1.2"],
  "exim: refused before anything was said": [
    exim(
      "host mx.example.net [192.0.2.1]",
      "SMTP error from remote mail server after initial connection:",
      "554 you are not welcome",
    ),
    "soft",
    null,
  ],
  "exim: full": [exim("mailbox is full: retry timeout exceeded"), "soft", "5.2.2"],
  "qmail: no mailbox": [qmail("Sorry, no mailbox here by that name. (#5.1.1)"), "hard", "5.1.1"],
  "qmail: no host": [qmail("Sorry, I couldn't find any host named example.net. (#5.1.2)"), "hard", "5.1.2"],
  "qmail: our name was rejected": [
    qmail(
      "Connected to 192.0.2.1 but my name was rejected.",
      "Remote host said: 501 5.0.0 Invalid domain name",
    ),
    "soft",
    "5.7.25",
  ],
  "qmail: too long in the queue": [
    qmail(
      "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)",
      "I'm not going to try again; this message has been in the queue too long.",
    ),
    "soft",
    "4.4.1",
  ],
  "exchange 2003: unknown recipient": [
    exchange(
      "reader@example.net on 24/11/2026 07:00",
      "    The recipient name is not recognized",
      "        MSEXCH:IMS:EXAMPLE:MX 0 (000C05A6) Unknown Recipient",
    ),
    "hard",
    "5.1.1",
  ],
  "exchange 2003: no permission": [
    exchange(
      "reader@example.net on 24/11/2026 07:00",
      "    You do not have permission to send to this recipient.  For assistance, contact your system administrator.",
      "    <mx.example.net #5.7.1 smtp;550 5.7.1 Unable to relay>",
    ),
    "soft",
    "5.7.1",
  ],
  "exchange 2007: not found": [
    office365("550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", "5.1.1"),
    "hard",
    "5.1.1",
  ],
  "office 365: not found": [
    office365(
      "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient reader@example.net not found by SMTP address lookup",
      "5.1.10",
    ),
    "hard",
    "5.1.10",
  ],
  "office 365: nobody there": [
    office365("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "5.4.1"),
    "hard",
    "5.4.1",
  ],
  "office 365: only for members": [
    office365("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", "5.7.133"),
    "soft",
    "5.7.133",
  ],
  "office 365: DMARC": [
    office365(
      "550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification",
      "5.7.509",
    ),
    "soft",
    "5.7.509",
  ],
  "gmail: no such account": [
    gmail(
      "Failure",
      "Delivery to the following recipient failed permanently:",
      "",
      "     reader@example.net",
      "",
      "The error that the other server returned was:",
      "550-5.1.1 The email account that you tried to reach does not exist.",
    ),
    "hard",
    "5.1.1",
  ],
  "gmail: disabled": [
    gmail(
      "Failure",
      "Delivery to the following recipient failed permanently:",
      "",
      "     reader@example.net",
      "",
      "550 5.2.1 The email account that you tried to reach is disabled.",
    ),
    "hard",
    "5.2.1",
  ],
  "gmail: too much mail": [
    gmail(
      "Failure",
      "Delivery to the following recipient failed permanently:",
      "",
      "     reader@example.net",
      "",
      "550-5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
    ),
    "soft",
    "4.7.1",
  ],
  "google groups: perhaps nobody, perhaps not allowed": [
    mail({
      from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
      subject: "Delivery Status Notification (Failure)",
      headers: ["Return-Path: <>", "X-Failed-Recipients: reader@example.net"],
      body: [
        "We're writing to let you know that the group you tried to contact (reader) may not exist, or you may not have",
        "permission to post messages to the group. A few more details on why you weren't able to post:",
        " * The owner of the group may have removed this group.",
      ],
    }),
    "soft",
    null,
  ],
  "google groups, in French": [
    mail({
      from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
      subject: "Delivery Status Notification (Failure)",
      headers: [
        "Return-Path: <>",
        "X-Failed-Recipients: reader@example.net",
        "Content-Type: text/plain; charset=utf-8",
      ],
      body: [
        "L'adresse du groupe est peut-être inconnue, ou vous n'êtes pas autorisé à y publier des messages.",
      ],
    }),
    "soft",
    null,
  ],
  "courier: full, without fields for machines": [
    mail({
      from: "postmaster@mx.example.net",
      subject: "NOTICE: mail delivery status.",
      headers: ["Return-Path: <>"],
      body: [
        "This is a delivery status notification from mx.example.net, running the Courier mail server.",
        "",
        "UNDELIVERABLE MAIL",
        "",
        "Your message to the following recipients cannot be delivered:",
        "",
        "<reader@example.net>:",
        "    mx.example.net [192.0.2.1]:",
        ">>> RCPT TO:<reader@example.net>",
        "<<< 552 mailbox full",
      ],
    }),
    "soft",
    "5.2.2",
  ],
  "domino: not in the directory": [
    dsn({
      from: "Postmaster@example.net",
      subject: "DELIVERY FAILURE: User reader (reader@example.net) not listed in Domino Directory",
      fields: [
        "Final-Recipient: rfc822;reader@example.net",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: X-Notes; User reader (reader@example.net) not listed in Domino Directory",
      ],
    }),
    "hard",
    "5.1.1",
  ],
  "yahoo: no account": [
    yahoo("554: delivery error: dd This user doesn't have an example.net account (reader@example.net) [0]"),
    "hard",
    "5.1.1",
  ],
  "yahoo: too many complaints": [
    yahoo(
      "Remote host said:",
      "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
    ),
    "soft",
    "4.7.1",
  ],
  "a facebook reader who does not want it": [
    postfix("recipient preferences", [
      "Status: 5.1.1",
      "Diagnostic-Code: smtp; 550 5.1.1 RCP-P2 Refused due to recipient preferences",
    ]),
    "soft",
    "5.7.1",
  ],
};

test.each(Object.entries(FAILED))("%s", async (_name, [raw, kind, status]) => {
  const report = await readBounce(raw);
  expect(report).toMatchObject({ kind, status, delayed: false, recipients: ["reader@example.net"] });
  expect(report.deliveredTo).toContain(OURS);
  expect([OUR_ID, null]).toContain(report.originalMessageId);
  expect(report.reason).toMatch(/^\S.{3,239}$/);
});
