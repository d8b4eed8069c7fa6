import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { mailboxKey } from "@paperboy/core";
import PostalMime, { type Address, type Email } from "postal-mime";

/**
 * Deletes the mails of a directory that went to a mailbox, in any spelling of its address, or that name the address anywhere:
 * in a header or a body, however it is encoded.
 *
 * @returns how many.
 */
export async function eraseMails(directory: string, address: string): Promise<number> {
  const files = (await readdir(directory).catch(noDirectory)).filter((name) => name.endsWith(".eml"));
  let erased = 0;
  for (const name of files) {
    const file = join(directory, name);
    const raw = await readFile(file).catch(() => null); // gone meanwhile
    if (raw === null || !(await isAbout(raw, address))) continue;
    await rm(file, { force: true });
    erased++;
  }
  return erased;
}

async function isAbout(raw: Buffer, address: string): Promise<boolean> {
  const wanted = address.toLowerCase();
  if (raw.toString("latin1").toLowerCase().includes(wanted)) return true;
  const email = await PostalMime.parse(raw);
  const key = mailboxKey(address);
  if (addressesOf(email).some((each) => mailboxKey(each) === key)) return true;
  const headers = email.headers.map(({ value }) => value);
  const attached = email.attachments.map(({ content }) => textOf(content));
  const texts = [email.subject, email.text, email.html, ...headers, ...attached];
  return texts.some((text) => text?.toLowerCase().includes(wanted));
}

function addressesOf({ from, sender, to, cc, bcc, replyTo, deliveredTo, returnPath }: Email): string[] {
  const named = [from, sender, to, cc, bcc, replyTo].flat().filter((each) => each !== undefined);
  const written = [...named.flatMap(members), deliveredTo, returnPath];
  return written.filter((each) => each?.includes("@")) as string[];
}

const members = (entry: Address): (string | undefined)[] =>
  entry.group === undefined ? [entry.address] : entry.group.map(({ address }) => address);

const textOf = (content: ArrayBuffer | Uint8Array | string): string =>
  typeof content === "string" ? content : Buffer.from(content as Uint8Array).toString("latin1");

function noDirectory(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
  throw error;
}
