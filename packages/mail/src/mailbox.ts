import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import PostalMime, { type Address, type Email } from "postal-mime";
import { eraseMails } from "./erase-mails.ts";

/** One line of a mailbox. */
export interface MailSummary {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** ISO 8601 as the Date header has it; null when that is missing or unreadable. */
  readonly date: string | null;
  /** Bytes. */
  readonly size: number;
}

/** One mail, taken apart. */
export interface StoredMail extends MailSummary {
  readonly raw: Buffer;
  readonly html: string | null;
  readonly text: string | null;
  /** Unfolded, in the order they stand, names in lower case. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** A directory of `.eml` files. */
export interface Mailbox {
  /** Newest first, at most `limit`; a missing directory is an empty mailbox. */
  list(limit?: number): Promise<MailSummary[]>;
  /** Null when there is no such mail, whatever the id looks like. */
  read(id: string): Promise<StoredMail | null>;
  /** Deletes what was mailed to an address, in any spelling, or names it; gives how many mails. */
  erase(address: string): Promise<number>;
}

const ID = /^\d{8}T\d{9}Z-\d{7}-[0-9a-f]{8}$/;
const HEAD = 16 * 1024;

/** Reads what an inbox keeps, in the same process as the inbox or in another. */
export function openMailbox(directory: string): Mailbox {
  // A mail never changes once its file is there.
  const known = new Map<string, MailSummary>();
  const fileOf = (id: string) => join(directory, `${id}.eml`);

  const summarise = async (id: string): Promise<MailSummary | null> => {
    const cached = known.get(id);
    if (cached) return cached;
    const head = await readHead(fileOf(id));
    if (!head) return null;
    const summary = summaryOf(id, await PostalMime.parse(head.bytes), head.size);
    known.set(id, summary);
    return summary;
  };

  return {
    async list(limit = 500) {
      const ids = (await namesIn(directory))
        .map((name) => name.replace(/\.eml$/, ""))
        .filter((id) => ID.test(id));
      const newest = ids.sort().reverse().slice(0, limit);
      const summaries: MailSummary[] = [];
      for (const id of newest) {
        const summary = await summarise(id);
        if (summary) summaries.push(summary);
      }
      return summaries;
    },
    erase: (address) => {
      known.clear();
      return eraseMails(directory, address);
    },
    async read(id) {
      if (!ID.test(id)) return null;
      const raw = await readFile(fileOf(id)).catch(absent);
      if (!raw) return null;
      const email = await PostalMime.parse(raw);
      const headers = email.headers.map(({ key, value }) => ({ name: key, value }));
      return {
        ...summaryOf(id, email, raw.length),
        raw,
        html: email.html ?? null,
        text: email.text ?? null,
        headers,
      };
    },
  };
}

function summaryOf(id: string, email: Email, size: number): MailSummary {
  const time = email.date ? Date.parse(email.date) : Number.NaN;
  return {
    id,
    from: addressText(email.from),
    to: (email.to ?? []).map(addressText).join(", "),
    subject: email.subject ?? "",
    date: Number.isNaN(time) ? null : new Date(time).toISOString(),
    size,
  };
}

function addressText(address: Address | undefined): string {
  if (!address?.address) return address?.name ?? "";
  return address.name ? `${address.name} <${address.address}>` : address.address;
}

/** The headers are enough for a list; the body may be long. */
async function readHead(file: string): Promise<{ bytes: Buffer; size: number } | null> {
  const handle = await open(file).catch(absent);
  if (!handle) return null;
  try {
    const { size } = await handle.stat();
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(HEAD, size)), 0);
    const bytes = buffer.subarray(0, bytesRead);
    const end = bytes.indexOf("\r\n\r\n");
    return { bytes: end < 0 ? bytes : bytes.subarray(0, end + 4), size };
  } finally {
    await handle.close();
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(absent)) ?? [];
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}
