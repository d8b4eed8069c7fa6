import { readFileSync } from "node:fs";
import { createTransport } from "nodemailer";
import { CONNECTIONS, type DayOrder, type Prepared } from "./day-order.ts";

/** A mail as it was rendered. */
export interface RenderedOnce {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** The pool that both other ways send through, with Nodemailer's own signatures. */
export function openPlainPool({ smtpUrl, privateKey }: DayOrder) {
  const { hostname: host, port } = new URL(smtpUrl);
  return createTransport({
    pool: true,
    host,
    port: Number(port),
    maxConnections: CONNECTIONS,
    maxMessages: 100,
    ignoreTLS: true,
    dkim: { domainName: "papers.example.org", keySelector: "bench", privateKey },
  });
}

/** What one writes first: mails that are rendered already, composed and signed by Nodemailer, and no memory of what was sent. */
export async function prepareLoop(order: DayOrder): Promise<Prepared> {
  const mails = JSON.parse(readFileSync(order.mailsFile, "utf8")) as RenderedOnce[];
  const pool = openPlainPool(order);
  let next = 0;
  let sent = 0;
  const sendOn = async () => {
    while (next < order.mails) {
      const place = next++;
      const { subject, html, text } = mails[place % mails.length] as RenderedOnce;
      const from = "Paperboy <digest@papers.example.org>";
      await pool.sendMail({ from, to: `reader${place}@example.org`, subject, html, text });
      sent++;
    }
  };
  return {
    run: async () => {
      await Promise.all(Array.from({ length: 2 * CONNECTIONS }, sendOn));
      return { sent, planSeconds: 0 };
    },
    close: async () => pool.close(),
  };
}
