import { dsn, exchange, gmail, mail, office365, postfix, yahoo } from "./bounce-makers.ts";
import type { FailedMails } from "./failed-mails.ts";

/** The same of servers of companies, and of who answers in words of their own. */
export const FAILED_ELSEWHERE: FailedMails = {
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
