/** The database, embedded or configured, cannot be used; the message names the setting and the reason. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}

/** A place in a list of results that no list has given. */
export class InvalidCursor extends Error {
  override readonly name = "InvalidCursor";
  constructor(cursor: string) {
    super(`"${cursor.slice(0, 60)}" is not the \`next\` of a page in this order`);
  }
}

/** SQLSTATE codes for text that no column takes: octets that are no UTF-8, and a NUL, in plain text or within JSON. */
const NO_TEXT = new Set(["22021", "22P05"]);

/** Whether a statement failed because somebody's text holds what PostgreSQL cannot keep. */
export function isNoText(error: unknown): boolean {
  return error instanceof Error && "code" in error && NO_TEXT.has(String(error.code));
}

/** A search took longer than one may, and was stopped. */
export class SearchTooSlow extends Error {
  override readonly name = "SearchTooSlow";
}

/** More searches wait than can be answered in time. */
export class SearchBusy extends Error {
  override readonly name = "SearchBusy";
}
