import { exim, postfix, qmail, sendmail } from "./bounce-makers.ts";

/** What each says: its kind, and its status when that is said or implied. */
export type FailedMails = Readonly<Record<string, readonly [Buffer, "hard" | "soft", string | null]>>;

export const FAILED: FailedMails = {
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
};
