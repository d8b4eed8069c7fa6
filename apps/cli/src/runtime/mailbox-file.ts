const SEPARATOR = /^From \S+ .*\d{4}\r?$/;
/** What bounces say stands at their beginning. */
const MAX_MAIL = 2 * 1024 * 1024;

/**
 * The mails in a file: a mailbox file (RFC 4155) holds many, each behind a line that begins with `From `; anything else
 * is one. Reads as it goes, so that a mailbox may be larger than the memory; of a mail the first 2 MB are kept.
 */
export async function* mailsOf(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  let lines: string[] = [];
  let size = 0;
  let isMailbox: boolean | undefined;
  for await (const line of linesOf(chunks)) {
    isMailbox ??= SEPARATOR.test(line);
    if (isMailbox && SEPARATOR.test(line)) {
      yield* mailOf(lines);
      lines = [];
      size = 0;
    } else if (size < MAX_MAIL) {
      lines.push(isMailbox ? line.replace(/^>(>*From )/, "$1") : line);
      size += line.length + 1;
    }
  }
  yield* mailOf(lines);
}

/** Bytes as Latin-1, so that they come out as they went in. */
async function* linesOf(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === "string" ? chunk : chunk.toString("latin1"))).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    // Whatever has no line ends is no mail.
    if (rest.length > MAX_MAIL) {
      yield rest;
      rest = "";
    }
  }
  if (rest !== "") yield rest;
}

function* mailOf(lines: readonly string[]): Generator<Buffer> {
  const mail = lines.join("\n");
  if (mail.trim() !== "") yield Buffer.from(`${mail}\n`, "latin1");
}
