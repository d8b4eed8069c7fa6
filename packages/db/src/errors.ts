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
