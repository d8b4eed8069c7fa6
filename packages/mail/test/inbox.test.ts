import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildMessage, type Inbox, openMailbox, startInbox } from "../src/index.ts";
import { temporaryDirectory } from "./fixtures.ts";
import { openTransport } from "./smtp-stub.ts";

const now = () => Promise.resolve();

async function inboxIn(directory: string, port = 0): Promise<Inbox> {
  const inbox = await startInbox({ directory, port });
  onTestFinished(() => inbox.close());
  return inbox;
}

const message = (deliveryId: string, subject = `Papers ${deliveryId} – ✓`) =>
  buildMessage({
    deliveryId,
    domain: "paperboy.example",
    from: { name: "Paperboy", address: "papers@paperboy.example" },
    to: "ada@example.org",
    date: new Date("2026-11-24T07:00:00Z"),
    mail: { subject, preheader: "", text: "Guten Tag\n.\n..zwei Punkte", html: "<p>Grüße</p>" },
  });

async function deliver(inbox: Inbox, ...ids: string[]) {
  const transport = openTransport(`smtp://127.0.0.1:${inbox.port}`, { connections: 1 });
  for (const id of ids)
    expect((await transport.send(message(id), { beforeDot: now })).kind).toBe("submitted");
  await transport.close();
}

describe("the local inbox", () => {
  it("keeps every mail, and a mailbox lists them newest first and takes them apart", async () => {
    const directory = join(await temporaryDirectory(), "made", "for", "it");
    await deliver(await inboxIn(directory), "d1", "d2", "d3");
    const mailbox = openMailbox(directory);
    const listed = await mailbox.list();
    expect(listed.map(({ subject }) => subject)).toEqual(["Papers d3 – ✓", "Papers d2 – ✓", "Papers d1 – ✓"]);
    expect(listed[0]).toMatchObject({
      from: "Paperboy <papers@paperboy.example>",
      to: "ada@example.org",
      date: "2026-11-24T07:00:00.000Z",
    });
    const mail = await mailbox.read(listed[2]?.id ?? "");
    expect(mail).toMatchObject({
      subject: "Papers d1 – ✓",
      text: "Guten Tag\n.\n..zwei Punkte\n",
      html: expect.stringContaining("<p>Grüße</p>"),
    });
    expect(mail?.headers).toContainEqual({ name: "message-id", value: "<d1@paperboy.example>" });
    expect(mail?.raw.length).toBe(mail?.size);
    expect(await mailbox.list(1)).toHaveLength(1);
  });

  it("survives a restart", async () => {
    const directory = await temporaryDirectory();
    const first = await inboxIn(directory);
    await deliver(first, "d1");
    await first.close();
    await deliver(await inboxIn(directory, first.port), "d2");
    const subjects = (await openMailbox(directory).list()).map(({ subject }) => subject);
    expect(subjects).toEqual(["Papers d2 – ✓", "Papers d1 – ✓"]);
  });

  it("keeps nothing of a mail that was not sent to its end", async () => {
    const directory = await temporaryDirectory();
    const inbox = await inboxIn(directory);
    const transport = openTransport(`smtp://127.0.0.1:${inbox.port}`);
    const outcome = await transport.send(message("d1"), { beforeDot: () => Promise.reject(new Error("no")) });
    expect(outcome.kind).toBe("aborted");
    await transport.close();
    await inbox.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it("refuses a mail that is too large while it comes in, and writes no more of it", async () => {
    const directory = await temporaryDirectory();
    const inbox = await inboxIn(directory);
    const socket = connect(inbox.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const answer = async () => String((await lines.next()).value);
    expect(await answer()).toMatch(/^220 /);
    for (const line of ["HELO x", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA"]) {
      socket.write(`${line}\r\n`);
      expect(await answer()).toMatch(/^(?:250|354) /);
    }
    const line = Buffer.from(`${"x".repeat(998)}\r\n`.repeat(100));
    for (let n = 0; n < 270; n++) if (!socket.write(line)) await once(socket, "drain");
    // No end of the mail was sent.
    expect(await answer()).toMatch(/^552 /);
    expect(await readdir(directory)).toEqual([]);
    socket.write("\r\n.\r\nNOOP\r\n");
    expect(await answer()).toMatch(/^250 /);
    await deliver(inbox, "d1");
  });

  it("names a port that is taken", async () => {
    const directory = await temporaryDirectory();
    const { port } = await inboxIn(directory);
    await expect(startInbox({ directory, port })).rejects.toThrow(`port ${port} is already in use`);
  });

  it("takes no connection once it is closed", async () => {
    const inbox = await inboxIn(await temporaryDirectory());
    await inbox.close();
    const refused = new Promise((resolve) => connect(inbox.port, "127.0.0.1").on("error", resolve));
    expect(await refused).toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("a mailbox", () => {
  it("is empty when its directory is missing, and ignores what is not its own", async () => {
    const directory = await temporaryDirectory();
    expect(await openMailbox(join(directory, "missing")).list()).toEqual([]);
    await writeFile(join(directory, "notes.eml"), "Subject: not ours\r\n\r\n");
    await writeFile(join(directory, "20261124T070000000Z-0000001-00000000.part"), "Subject: half");
    expect(await openMailbox(directory).list()).toEqual([]);
  });

  it("reads no file outside, whatever the id", async () => {
    const directory = join(await temporaryDirectory(), "inbox");
    await mkdir(directory);
    await writeFile(join(directory, "..", "secret.eml"), "Subject: secret\r\n\r\n");
    const mailbox = openMailbox(directory);
    const ids = [
      "../secret",
      "..%2fsecret",
      "/etc/passwd",
      "",
      "secret\0",
      "20261124T070000000Z-0000001-00000000",
    ];
    for (const id of ids) expect(await mailbox.read(id)).toBeNull();
  });

  it("reads broken mails without failing", async () => {
    const directory = await temporaryDirectory();
    const id = "20261124T070000000Z-0000001-0000000a";
    await writeFile(join(directory, `${id}.eml`), Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x3a]));
    const mailbox = openMailbox(directory);
    expect(await mailbox.list()).toMatchObject([{ id, subject: "", from: "", to: "", date: null, size: 5 }]);
    expect(await mailbox.read(id)).toMatchObject({ id, size: 5 });
  });
});
