// Made-up mails in the manner of the systems they are named after; nobody in them exists.

/** Where all of them came back to. */
export const OURS = "bounces+0a1b@bounces.example.org";
/** The mail that all of them are about. */
export const OUR_ID = "<6f9619ff-8b86-4d01-b42d-00cf4fc964ff@papers.example.org>";

/** Header of the mail that came back. */
export const RETURNED = [
  `Return-Path: <${OURS}>`,
  `Message-ID: ${OUR_ID}`,
  "From: Paperboy <digest@papers.example.org>",
  "To: reader@example.net",
  "Subject: 3 papers on gates",
];

interface Mail {
  readonly from: string;
  readonly subject: string;
  readonly headers?: readonly string[];
  readonly body: readonly string[];
}

/** A mail as it stands in a mailbox. */
export function mail({ from, subject, headers = [], body }: Mail): Buffer {
  const head = [
    `From: ${from}`,
    `To: ${OURS}`,
    `Subject: ${subject}`,
    "Date: Tue, 24 Nov 2026 09:00:00 +0000",
  ];
  return Buffer.from([...head, ...headers, "", ...body, ""].join("\r\n"));
}

interface Part {
  readonly type: string;
  readonly lines: readonly string[];
}

export const parts = (all: readonly Part[]) => [
  ...all.flatMap(({ type, lines }) => ["--b", `Content-Type: ${type}`, "", ...lines]),
  "--b--",
];
export const multipart = (type: string) => [
  "MIME-Version: 1.0",
  `Content-Type: multipart/${type}; boundary=b`,
];

/** A report as in RFC 3464: words, fields, and the header of the mail that came back. */
export function dsn(options: {
  readonly from: string;
  readonly subject: string;
  readonly said?: readonly string[];
  readonly fields: readonly string[];
}): Buffer {
  const { from, subject, said = ["It failed."], fields } = options;
  return mail({
    from,
    subject,
    headers: ["Return-Path: <>", ...multipart("report; report-type=delivery-status")],
    body: parts([
      { type: "text/plain", lines: said },
      { type: "message/delivery-status", lines: ["Reporting-MTA: dns; mx.example.net", "", ...fields] },
      { type: "text/rfc822-headers", lines: RETURNED },
    ]),
  });
}

/** A complaint as in RFC 5965. */
export const arf = (fields: readonly string[]): Buffer =>
  mail({
    from: "feedback@mail.example.net",
    subject: "FW: 3 papers on gates",
    headers: multipart("report; report-type=feedback-report"),
    body: parts([
      { type: "text/plain", lines: ["This is an e-mail abuse report."] },
      { type: "message/feedback-report", lines: fields },
      { type: "message/rfc822", lines: [...RETURNED, "", "Gates."] },
    ]),
  });

/** A complaint in YAML, as x-arf.org describes it. */
export const xarf = (type: string): Buffer =>
  mail({
    from: "abuse@yahoo.example",
    subject: "abuse report about 192.0.2.1",
    headers: ["X-XARF: PLAIN", ...multipart("mixed")],
    body: parts([
      { type: "text/plain", lines: ["Please look into this."] },
      {
        type: 'text/plain; name="report.txt"',
        lines: [
          "---",
          "Category: abuse",
          `Report-Type: ${type}`,
          "Source-Type: ip-address",
          "Source: 192.0.2.1",
        ],
      },
      { type: "message/rfc822", lines: [...RETURNED, "", "Gates."] },
    ]),
  });

const quoting = (announcement: string, body: readonly string[]) => [
  ...body,
  "",
  announcement,
  "",
  ...RETURNED,
];

export const qmail = (...said: string[]): Buffer =>
  mail({
    from: "MAILER-DAEMON@mx.example.net",
    subject: "failure notice",
    headers: ["Return-Path: <>"],
    body: quoting("--- Below this line is a copy of the message.", [
      "Hi. This is the qmail-send program at mx.example.net.",
      "I'm afraid I wasn't able to deliver your message to the following addresses.",
      "This is a permanent error; I've given up. Sorry it didn't work out.",
      "",
      "<reader@example.net>:",
      ...said,
    ]),
  });

export const exim = (...said: string[]): Buffer =>
  mail({
    from: "Mail Delivery System <Mailer-Daemon@mx.example.net>",
    subject: "Mail delivery failed: returning message to sender",
    headers: ["Auto-Submitted: auto-replied", "X-Failed-Recipients: reader@example.net"],
    body: quoting("------ This is a copy of the message, including all the headers. ------", [
      "This message was created automatically by mail delivery software.",
      "",
      "A message that you sent could not be delivered to one or more of its",
      "recipients. This is a permanent error. The following address(es) failed:",
      "",
      "  reader@example.net",
      ...said.map((line) => `    ${line}`),
    ]),
  });

export const postfix = (said: string, fields: readonly string[], action = "failed"): Buffer =>
  dsn({
    from: "Mail Delivery System <MAILER-DAEMON@mx.example.org>",
    subject:
      action === "delayed" ? "Delayed Mail (still being retried)" : "Undelivered Mail Returned to Sender",
    said: [
      "This is the mail system at host mx.example.org.",
      "",
      "I'm sorry to have to inform you that your message could not",
      "be delivered to one or more recipients. It's attached below.",
      "",
      `<reader@example.net>: ${said}`,
    ],
    fields: ["Final-Recipient: rfc822; reader@example.net", `Action: ${action}`, ...fields],
  });

export const sendmail = (status: string, reply: string): Buffer =>
  dsn({
    from: "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>",
    subject: "Returned mail: see transcript for details",
    said: [
      "The original message was received at Tue, 24 Nov 2026 07:00:00 GMT",
      "",
      "   ----- The following addresses had permanent fatal errors -----",
      "<reader@example.net>",
      `    (reason: ${reply})`,
      "",
      "   ----- Transcript of session follows -----",
      "... while talking to mx.example.net.:",
      ">>> DATA",
      `<<< ${reply}`,
      "554 5.0.0 Service unavailable",
    ],
    fields: [
      "Final-Recipient: RFC822; reader@example.net",
      "Action: failed",
      `Status: ${status}`,
      `Diagnostic-Code: SMTP; ${reply}`,
    ],
  });

export const exchange = (...said: string[]): Buffer =>
  mail({
    from: "System Administrator <postmaster@example.net>",
    subject: "Undeliverable: 3 papers on gates",
    headers: ["Return-Path: <>"],
    body: [
      "Your message",
      "",
      `  To:      ${OURS}`,
      "  Subject: 3 papers on gates",
      "  Sent:    24/11/2026 07:00",
      "",
      "did not reach the following recipient(s):",
      "",
      ...said,
    ],
  });

export const office365 = (answer: string, status: string): Buffer =>
  dsn({
    from: "Microsoft Outlook <postmaster@example.net>",
    subject: "Undeliverable: 3 papers on gates",
    said: ["Delivery has failed to these recipients or groups:", "", "reader@example.net", answer],
    fields: [
      "Final-Recipient: rfc822;reader@example.net",
      "Action: failed",
      `Status: ${status}`,
      `Diagnostic-Code: smtp;${answer}`,
    ],
  });

export const gmail = (subject: string, ...said: string[]): Buffer =>
  mail({
    from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
    subject: `Delivery Status Notification (${subject})`,
    headers: ["Return-Path: <>"],
    body: quoting("----- Original message -----", said),
  });

export const yahoo = (...said: string[]): Buffer =>
  mail({
    from: "MAILER-DAEMON@yahoo.example",
    subject: "Failure Notice",
    headers: ["Return-Path: <>"],
    body: quoting("--- Below this line is a copy of the message.", [
      "Sorry, we were unable to deliver your message to the following address.",
      "",
      "<reader@example.net>:",
      ...said,
    ]),
  });

export const reply = (subject: string, headers: readonly string[], ...body: string[]): Buffer =>
  mail({ from: "Reader <reader@example.net>", subject, headers, body });
