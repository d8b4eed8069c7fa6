import { FormatError } from "../formats/outcome.ts";
import { fetchWithRetries, type ReaderPorts, XML_TYPES } from "../readers/reader.ts";

/** A service of arXiv that did not say what it was asked; `retryAt` when it asked for a pause. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
  readonly retryAt: Date | null;
  readonly isBusy: boolean;
  constructor(reason: string, isBusy = false, retryAt: Date | null = null) {
    super(reason);
    this.isBusy = isBusy;
    this.retryAt = retryAt;
  }
}

/**
 * Asks one service and reads its answer; one that cannot be read, as when it was cut off, is asked for once more.
 * @throws {Unanswered} with the reason.
 */
export async function ask<Answer>(
  ports: ReaderPorts,
  url: string,
  read: (body: Buffer, contentType: string) => Answer | Promise<Answer>,
): Promise<Answer> {
  for (let again = true; ; again = false) {
    const outcome = await fetchWithRetries(ports, { url, accept: XML_TYPES });
    if (ports.signal?.aborted) throw new Unanswered("it was told to stop");
    if (outcome.kind === "busy") throw new Unanswered(outcome.reason, true, outcome.retryAt);
    if (outcome.kind === "unchanged")
      throw new Unanswered("it answers that nothing has changed, though nothing was known");
    if (outcome.kind !== "ok") throw new Unanswered(outcome.reason);
    try {
      return await read(outcome.body, outcome.contentType);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      if (!again) throw new Unanswered(error.message);
    }
  }
}
